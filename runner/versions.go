package runner

// Commit returns the revision that the program was built from, "+dirty" if files had changed, or "unknown".
func Commit() string { return commit() }

// Modules returns the versions of the modules that compute, by module path.
func Modules() map[string]string { return modules() }
