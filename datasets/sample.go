package datasets

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// check reports the first thing wrong with a sample of a dataset, given the ids that are used already.
func (s Sample) check(meta Meta, ids map[string]Split) error {
	if s.ID == "" || !utf8.ValidString(s.ID) {
		return errors.New("the id is empty or not UTF-8")
	}
	if before, used := ids[s.ID]; used {
		return fmt.Errorf("the id is already used in split %s", before)
	}
	if err := s.checkInput(meta.Modality); err != nil {
		return err
	}
	return meta.LabelSpace.Check(s.Label)
}

func (s Sample) checkInput(modality Modality) error {
	switch modality {
	case Image:
		if len(s.Image) == 0 {
			return errors.New("the image is empty")
		}
	case Text:
		for i, text := range s.Sentences {
			if text == "" || !utf8.ValidString(text) {
				return fmt.Errorf("sentence %d is empty or not UTF-8", i+1)
			}
		}
	}
	return nil
}

// set stores the value of an input or id column.
func (s *Sample) set(column string, value []byte) {
	switch column {
	case colID:
		s.ID = string(value)
	case colImage:
		s.Image = value
	case colSentence1:
		s.Sentences[0] = string(value)
	case colSentence2:
		s.Sentences[1] = string(value)
	}
}
