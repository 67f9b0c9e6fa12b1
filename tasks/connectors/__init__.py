"""Hands: all of Tandem's HTTP. One protocol, one file per system; vendors' names live only here and in the policy."""
