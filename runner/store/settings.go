package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
)

// Settings returns a run's configuration as values by dotted names, such as "recipe.lds.size": "5". The seed and the hashes of the
// data, which say what is compared, not how, and empty values are left out; a list is one value, in JSON. The error names the
// manifest.
func (r Run) Settings() (map[string]string, error) {
	var config map[string]any
	decoder := json.NewDecoder(bytes.NewReader(r.Manifest.Config))
	decoder.UseNumber() // as it is written
	if err := decoder.Decode(&config); err != nil {
		return nil, fmt.Errorf("%s: config: %w", filepath.Join(r.Dir, ManifestFile), err)
	}
	delete(config, "seed")
	delete(config, "files")
	flat := map[string]string{}
	return flat, flatten(flat, "", config)
}

func flatten(flat map[string]string, name string, value any) error {
	switch v := value.(type) {
	case nil:
	case map[string]any:
		for k, inner := range v {
			if name != "" {
				k = name + "." + k
			}
			if err := flatten(flat, k, inner); err != nil {
				return err
			}
		}
	case []any:
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		flat[name] = string(raw)
	default:
		if text := fmt.Sprint(v); text != "" {
			flat[name] = text
		}
	}
	return nil
}
