package methods

import (
	"slices"
	"strings"
	"testing"
)

// TestRnCStages: the settings of rnc reach both stages, whose published epochs follow the scale.
func TestRnCStages(t *testing.T) {
	full := Traits{Benchmark: "agedb-dir", Augmented: true, Share: 1}
	tiny := full
	tiny.Share = 20. / 90
	for _, tt := range []struct {
		name          string
		traits        Traits
		first         string
		encoder, head Stage // their epochs, batch size and rate
	}{
		{"rnc", full, "rnc-encoder(batch=256,epochs=400)", Stage{Epochs: 400, BatchSize: 256, LR: 0.5},
			Stage{Epochs: 100, BatchSize: 64, LR: 0.05}},
		{"rnc", tiny, "rnc-encoder(epochs=89)", Stage{Epochs: 89, LR: 0.5}, Stage{Epochs: 22, BatchSize: 64, LR: 0.05}},
		{"ranksim+rnc(encoder_epochs=5,temperature=1,head_batch=32)+lds", tiny, "ranksim+rnc-encoder(epochs=5,temperature=1)",
			Stage{Epochs: 5, LR: 0.5}, Stage{Epochs: 22, BatchSize: 32, LR: 0.05}},
	} {
		c, err := Parse(tt.name)
		if err == nil {
			c, err = c.For(tt.traits)
		}
		if err != nil {
			t.Fatal(err)
		}
		first, _ := c.FirstStage()
		if first.String() != tt.first {
			t.Errorf("%s starts from %s, want %s", c, first, tt.first)
		}
		brief := func(s Stage) Stage { return Stage{Epochs: s.Epochs, BatchSize: s.BatchSize, LR: s.LR} }
		encoder, head := first.Stage(), c.Stage()
		if brief(encoder) != tt.encoder || brief(head) != tt.head || !encoder.KeepLast || !head.EvaluationMode ||
			encoder.Augmentation == "" || encoder.Augmentation != head.Augmentation {
			t.Errorf("%s: encoder %+v, head %+v", c, encoder, head)
		}
	}
	if slices.Contains(Names(), "rnc-encoder") {
		t.Error("lists have the first stage of rnc")
	}
}

// TestFirstStagesClash: what cannot go together in a first stage is said too.
func TestFirstStagesClash(t *testing.T) {
	c, err := Parse("conr+rnc")
	if err == nil {
		_, err = c.For(Traits{Benchmark: "agedb-dir", Augmented: true, Share: 1})
	}
	want := `in the first stage conr and rnc-encoder cannot go together: they take other views of a row`
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %s", err, want)
	}
}
