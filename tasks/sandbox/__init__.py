"""The mirror world: HTTP emulators of the three vendors, with seeded people and scripted faults.

It knows vendors and nothing of Tandem: it imports none of our other rooms, so that an emulator can't inherit
our misunderstanding of a vendor. Built from the vendors' documented and recorded behaviour only.
"""
