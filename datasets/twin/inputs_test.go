package twin

import (
	"bytes"
	"math"
	"testing"

	"github.com/dirbench/dirbench/datasets"
)

func TestSimilarity(t *testing.T) {
	all := filled{true, true, true, true, true}
	core := filled{subject: true, verb: true, object: true}
	for _, test := range []struct {
		name      string
		relations [slotCount]relation
		filled    filled
		want      float64
	}{
		{"same sentence", [slotCount]relation{}, all, 5},
		{"nothing shared", [slotCount]relation{unrelated, unrelated, unrelated, unrelated, unrelated}, all, 0},
		{"verb shared", [slotCount]relation{unrelated, sameWord, unrelated, unrelated, unrelated}, all, 5 * 0.35},
		{"verb shared, no place", [slotCount]relation{unrelated, sameWord, unrelated, sameWord, sameWord}, core,
			5 * 0.35 / 0.85},
		{"synonyms", [slotCount]relation{synonym, synonym, synonym, synonym, synonym}, all, 5 * closeness[synonym]},
	} {
		if got := similarity(test.relations, test.filled); math.Abs(got-test.want) > 1e-12 {
			t.Errorf("%s: similarity %v, want %v", test.name, got, test.want)
		}
	}
}

func TestRelationsReachEveryScore(t *testing.T) {
	rng := datasets.Stream(1, "test")
	for _, f := range []filled{{true, true, true, true, true}, {subject: true, verb: true, object: true}} {
		for wanted := 0.0; wanted <= maxScore; wanted += 0.05 {
			got := similarity(relationsFor(rng, wanted, f), f)
			if gap := math.Abs(got - wanted); gap > 0.5 {
				t.Errorf("wanted similarity %.2f, got %.2f", wanted, got)
			}
		}
	}
}

func TestRelated(t *testing.T) {
	rng := datasets.Stream(2, "test")
	for _, s := range slots {
		for range 50 {
			w := s.random(rng)
			syn, near, far := s.related(rng, w, synonym), s.related(rng, w, sameGroup), s.related(rng, w, unrelated)
			switch {
			case s.related(rng, w, sameWord) != w:
				t.Errorf("%s: the same word differs", s.text(w))
			case syn.group != w.group || syn.concept != w.concept || syn.synonym == w.synonym:
				t.Errorf("%s: %s is no synonym", s.text(w), s.text(syn))
			case near.group != w.group || near.concept == w.concept:
				t.Errorf("%s: %s is not of the same group", s.text(w), s.text(near))
			case far.group == w.group:
				t.Errorf("%s: %s is related", s.text(w), s.text(far))
			}
		}
	}
}

// TestVocabulary guards against a word in two concepts, which would contradict the similarity.
func TestVocabulary(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range slots {
		for _, group := range s.groups {
			for _, concept := range group {
				if len(concept) < 2 || len(group) < 2 {
					t.Errorf("%v in %v: expected two or more", concept, group)
				}
				for _, word := range concept {
					if seen[word] {
						t.Errorf("%q is there twice", word)
					}
					seen[word] = true
				}
			}
		}
	}
	if n := len(seen); n < 140 || n > 250 {
		t.Errorf("%d words", n)
	}
}

// TestCues checks that every cue moves with age and that no cue tells the age exactly.
func TestCues(t *testing.T) {
	mean := func(age float64) [8]float64 {
		var sums [8]float64
		for i := range 300 {
			l := newLook(datasets.Stream(uint64(i), "test"), age)
			for k, v := range [8]float64{1 - l.infancy, l.grey, l.recede, l.wrinkle, l.sag, l.droop, l.nose, l.pale} {
				sums[k] += v / 300
			}
		}
		return sums
	}
	young, middle, old := mean(5), mean(40), mean(90)
	for k := range young {
		if !(young[k] < middle[k] && middle[k] < old[k]+1e-9) {
			t.Errorf("cue %d: %.3f at 5, %.3f at 40, %.3f at 90 years", k, young[k], middle[k], old[k])
		}
	}
	if newLook(datasets.Stream(1, "a"), 50) == newLook(datasets.Stream(1, "b"), 50) {
		t.Error("two people of the same age look the same")
	}
}

func TestFaceFollowsAge(t *testing.T) {
	draw := func(age float64) []byte {
		face, err := drawFace(datasets.Stream(3, "test"), age, ageSide, studio)
		if err != nil {
			t.Fatal(err)
		}
		return face
	}
	if !bytes.Equal(draw(40), draw(40)) {
		t.Error("the same person at the same age is drawn differently")
	}
	if bytes.Equal(draw(40), draw(41)) {
		t.Error("a year leaves no trace")
	}
}
