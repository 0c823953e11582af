from people.directory import Directory, Person, greeting

directory = Directory()
for person in (
    Person("ana@example.com", "Ana Lopez"),
    Person("no@example.com"),
    Person("blank@example.com", "  "),
):
    directory.add(person)
assert greeting(directory, "ana@example.com") == "Dear Ana"
assert greeting(directory, "no@example.com") == "Dear colleague"
assert greeting(directory, "blank@example.com") == "Dear colleague"
assert greeting(directory, "nobody@example.com") == "Dear colleague"
print("all hold")
