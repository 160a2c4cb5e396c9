package twin

import "github.com/dirbench/dirbench/datasets"

// Write generates the twin of a benchmark into dir, a prepared dataset. A dataset that is there already is an error
// (datasets.ErrExists) unless replace is set; a failure leaves it as it was.
func Write(dir, name string, o Options, replace bool) error {
	meta, err := Meta(name, o)
	if err != nil {
		return err
	}
	create := datasets.Create
	if replace {
		create = datasets.Overwrite
	}
	w, err := create(dir, meta)
	if err != nil {
		return err
	}
	defer w.Abort()
	if err := generateInto(w, name, o); err != nil {
		return err
	}
	return w.Close()
}

func generateInto(w *datasets.Writer, name string, o Options) error {
	writers, err := w.AllSplits()
	if err != nil {
		return err
	}
	return Generate(name, o, func(split datasets.Split, sample datasets.Sample) error {
		return writers[split].Write(sample)
	})
}
