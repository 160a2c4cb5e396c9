package runner

import "runtime/debug"

// commit returns the revision that the program was built from, "+dirty" if files had changed, or "unknown".
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	switch {
	case settings["vcs.revision"] != "" && settings["vcs.modified"] == "true":
		return settings["vcs.revision"] + "+dirty"
	case settings["vcs.revision"] != "":
		return settings["vcs.revision"]
	case info.Main.Version != "" && info.Main.Version != "(devel)":
		return info.Main.Version
	}
	return "unknown"
}

// modules returns the versions of the modules that compute.
func modules() map[string]string {
	versions := map[string]string{}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return versions
	}
	for _, m := range info.Deps {
		switch m.Path {
		case "github.com/gomlx/gomlx", "github.com/gomlx/compute", "github.com/gomlx/go-xla", "github.com/apache/arrow/go/v15":
			versions[m.Path] = m.Version
		}
	}
	return versions
}
