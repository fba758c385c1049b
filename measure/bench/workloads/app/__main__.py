from importlib.metadata import distributions

from app.revision import REVISION

for name, version in sorted((each.metadata["Name"], each.version) for each in distributions()):
    print(name, version)
print("revision", REVISION)
