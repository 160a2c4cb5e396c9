package twin

import "strings"

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
