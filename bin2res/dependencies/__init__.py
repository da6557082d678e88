"""The dependencies of an app, found and checked on the host by the rules of mip."""
