"""Find a class: the list, a course, a class, a school."""
