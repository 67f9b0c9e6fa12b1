"""Who is who: which records are one person, who speaks for them, and whose a number is (design, "identity")."""
