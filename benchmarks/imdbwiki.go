package benchmarks

import "github.com/dirbench/dirbench/benchmarks/task"

// imdbwiki is IMDB-WIKI-DIR: age from a face (Rothe et al. 2018, split by Yang et al. 2021). It has the network and the
// recipe of AgeDB-DIR; FDS has a bucket for every year from 0 to 99.
func imdbwiki() Benchmark {
	b := agedb()
	b.Name, b.Title, b.Dataset, b.TrainRows = "imdb-wiki-dir", "IMDB-WIKI-DIR", "imdb-wiki", 191509
	for name, preset := range b.Scales {
		b.Scales[name] = func() task.Recipe {
			r := preset()
			r.FDS.FirstBin = 0
			return r
		}
	}
	return b
}
