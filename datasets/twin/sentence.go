package twin

import (
	"math/rand/v2"
	"strings"
)

// word is a choice in a slot: group, concept in the group, synonym in the concept.
type word struct{ group, concept, synonym int }

// phrase is what a sentence says: a word for each slot that it fills.
type phrase [slotCount]word

// filled says which slots a sentence fills; subject, verb and object always are.
type filled [slotCount]bool

func (f filled) weight() float64 {
	total := 0.0
	for i, s := range slots {
		if f[i] {
			total += s.weight
		}
	}
	return total
}

func (s slot) text(w word) string { return s.groups[w.group][w.concept][w.synonym] }

func (s slot) random(rng *rand.Rand) word {
	g := rng.IntN(len(s.groups))
	c := rng.IntN(len(s.groups[g]))
	return word{g, c, rng.IntN(len(s.groups[g][c]))}
}

// another returns a random index below n that is not i.
func another(rng *rand.Rand, i, n int) int { return (i + 1 + rng.IntN(n-1)) % n }

// related returns a word in the given relation to w.
func (s slot) related(rng *rand.Rand, w word, r relation) word {
	switch r {
	case sameWord:
		return w
	case synonym:
		w.synonym = another(rng, w.synonym, len(s.groups[w.group][w.concept]))
		return w
	case sameGroup:
		concept := another(rng, w.concept, len(s.groups[w.group]))
		return word{w.group, concept, rng.IntN(len(s.groups[w.group][concept]))}
	}
	other := s.random(rng)
	other.group = another(rng, w.group, len(s.groups))
	return other
}

// say words a phrase as a sentence of 6 to 11 words; order, adverb and articles vary and mean nothing.
func say(rng *rand.Rand, p phrase, f filled) string {
	who := slots[subject].text(p[subject])
	if f[quality] {
		who = slots[quality].text(p[quality]) + " " + who
	}
	where := ""
	if f[place] {
		where = "in the " + slots[place].text(p[place])
	}
	doing := slots[verb].text(p[verb]) + " " + noun(rng, slots[object].text(p[object]))
	if rng.Float64() < 0.3 {
		doing = adverbs[rng.IntN(len(adverbs))] + " " + doing
	}
	who = noun(rng, who)
	orders := [][]string{{who, "is", doing, where}, {where, who, "is", doing}, {"there is", who, doing, where}}
	parts := orders[rng.IntN(len(orders))]
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

// noun puts an article before a noun or its adjective.
func noun(rng *rand.Rand, words string) string {
	if rng.IntN(3) == 0 {
		return "the " + words
	}
	if strings.ContainsRune("aeiou", rune(words[0])) {
		return "an " + words
	}
	return "a " + words
}
