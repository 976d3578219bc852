"""The law as data: a province's pack, its notices, what they mean for one person."""
