package twin

import (
	"math"
	"math/rand/v2"
	"strings"
)

// relation of two words in the same slot.
type relation int

const (
	sameWord relation = iota
	synonym
	sameGroup
	unrelated
	relationCount
)

// closeness is what a relation adds to the similarity, as a share of the slot's weight.
var closeness = [relationCount]float64{1, 0.5, 0.1, 0}

const (
	maxScore = 5.0
	// scoreNoise is the standard deviation of a label about the similarity of its sentences.
	scoreNoise = 0.3
	// scoreReach is how far from the wanted similarity that of a pair may lie.
	scoreReach = 0.15
)

// similarity of two sentences, 0 to 5, by the relations of their words.
func similarity(r [slotCount]relation, f filled) float64 {
	sum := 0.0
	for i, s := range slots {
		if f[i] {
			sum += s.weight * closeness[r[i]]
		}
	}
	return maxScore * sum / f.weight()
}

// relationsFor picks, at random among all that come near the wanted similarity, the relations of a pair's words.
func relationsFor(rng *rand.Rand, wanted float64, f filled) [slotCount]relation {
	var near [][slotCount]relation
	var best [slotCount]relation
	bestGap := math.Inf(1)
	for code := range 1 << (2 * slotCount) { // two bits a slot, as there are four relations
		var r [slotCount]relation
		for i := range r {
			r[i] = relation(code >> (2 * i) & 3)
		}
		gap := math.Abs(similarity(r, f) - wanted)
		if gap < scoreReach {
			near = append(near, r)
		}
		if gap < bestGap {
			best, bestGap = r, gap
		}
	}
	if len(near) == 0 {
		return best
	}
	return near[rng.IntN(len(near))]
}

// sentencePair composes two sentences whose similarity is the score but for the label noise.
func sentencePair(rng *rand.Rand, score float64) [2]string {
	f := filled{subject: true, verb: true, object: true, place: rng.IntN(2) == 0, quality: rng.IntN(2) == 0}
	wanted := max(0, min(maxScore, score+scoreNoise*rng.NormFloat64()))
	relations := relationsFor(rng, wanted, f)
	var a, b phrase
	for i, s := range slots {
		a[i] = s.random(rng)
		b[i] = s.related(rng, a[i], relations[i])
	}
	return [2]string{say(rng, a, f), say(rng, b, f)}
}

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

// slot is a role in a sentence. Its words are arranged as groups of concepts, a concept being a list of synonyms.
type slot struct {
	weight float64 // share in the similarity of two sentences that both fill the slot
	groups [][]concept
}

type concept []string

// The slots, in the order of the slots variable.
const (
	subject = iota
	verb
	object
	place
	quality
	slotCount
)

// vocabulary reads "man guy, woman lady / boy lad": words of a concept by space, concepts by comma, groups by slash.
func vocabulary(text string) [][]concept {
	var groups [][]concept
	for _, group := range strings.Split(text, "/") {
		var concepts []concept
		for _, words := range strings.Split(group, ",") {
			concepts = append(concepts, strings.Fields(words))
		}
		groups = append(groups, concepts)
	}
	return groups
}

var slots = [slotCount]slot{
	subject: {0.25, vocabulary(`man guy, woman lady, father dad, mother mom
		/ boy lad, girl lass, kid child, baby infant
		/ dog hound, cat kitten, horse pony, rabbit bunny
		/ doctor physician, teacher instructor, soldier warrior, cook chef`)},
	verb: {0.35, vocabulary(`cutting slicing, cooking frying, mixing stirring, washing cleaning
		/ pushing shoving, pulling dragging, carrying lifting, throwing tossing
		/ watching observing, finding discovering, studying examining, painting drawing
		/ buying purchasing, selling trading, repairing fixing, building making`)},
	object: {0.25, vocabulary(`potato vegetable, bread loaf, meat beef, soup broth
		/ car automobile, truck lorry, bike bicycle, boat ship
		/ couch sofa, chair seat, lamp light, rug carpet
		/ knife blade, hammer mallet, rope cord, box crate`)},
	place: {0.10, vocabulary(`house home, room chamber, shop store, school college
		/ street road, park garden, forest woods, beach shore
		/ city town, market fair, station depot, harbor port`)},
	quality: {0.05, vocabulary(`young youthful, old elderly, big large, small little
		/ happy cheerful, sad unhappy, angry furious, calm quiet
		/ strong sturdy, tired weary, pretty lovely, famous renowned`)},
}

var adverbs = []string{"now", "slowly", "quickly", "again", "carefully", "still"}
