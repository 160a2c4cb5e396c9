package datasets

import (
	"errors"
	"fmt"
	"math"
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
	if err := s.checkInput(meta); err != nil {
		return err
	}
	return meta.checkLabel(s)
}

// checkLabel checks the label, where a sample has one.
func (m Meta) checkLabel(s Sample) error {
	if m.Modality.Dense() {
		return nil
	}
	return m.LabelSpace.Check(s.Label)
}

func (s Sample) checkInput(meta Meta) error {
	switch meta.Modality {
	case Image, Depth:
		if len(s.Image) == 0 {
			return errors.New("the image is empty")
		}
	case Text:
		for i, text := range s.Sentences {
			if text == "" || !utf8.ValidString(text) {
				return fmt.Errorf("sentence %d is empty or not UTF-8", i+1)
			}
		}
	case Signal:
		return s.checkSignals(meta.Groups)
	}
	return nil
}

// checkSignals checks that every channel group has a whole number of time steps and only finite values.
func (s Sample) checkSignals(groups []ChannelGroup) error {
	if len(s.Signals) != len(groups) {
		return fmt.Errorf("%d signals: expected one for each of the %d channel groups", len(s.Signals), len(groups))
	}
	for i, series := range s.Signals {
		name, channels := groups[i].Name, len(groups[i].Channels)
		if len(series) == 0 || len(series)%channels != 0 {
			return fmt.Errorf("signal %s: %d values: expected a positive multiple of its %d channels", name, len(series), channels)
		}
		for at, v := range series {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				return fmt.Errorf("signal %s: time step %d is not a finite number", name, at/channels+1)
			}
		}
	}
	return nil
}

// size is about the number of bytes of the input.
func (s Sample) size() int {
	n := len(s.Image) + len(s.Depth) + len(s.Mask) + len(s.Sentences[0]) + len(s.Sentences[1])
	for _, series := range s.Signals {
		n += 4 * len(series)
	}
	return n
}

// set stores the value of an input or id column.
func (s *Sample) set(column string, value []byte) {
	switch column {
	case colID:
		s.ID = string(value)
	case colImage:
		s.Image = value
	case colDepth:
		s.Depth = value
	case colMask:
		s.Mask = value
	case colSentence1:
		s.Sentences[0] = string(value)
	case colSentence2:
		s.Sentences[1] = string(value)
	}
}

// value returns the value of an id or input column.
func (s *Sample) value(column string) []byte {
	switch column {
	case colID:
		return []byte(s.ID)
	case colImage:
		return s.Image
	case colDepth:
		return s.Depth
	case colMask:
		return s.Mask
	case colSentence1:
		return []byte(s.Sentences[0])
	}
	return []byte(s.Sentences[1])
}
