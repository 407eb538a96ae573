package document

import (
	"encoding/json"
	"fmt"
	"io"
)

// Blocks are a text, or a part of one. They can be encoded as JSON and decoded.
type Blocks []Block

// anyBlock is a block as JSON: exactly one field is set.
type anyBlock struct {
	Heading     *Heading    `json:"heading,omitempty"`
	Paragraph   *Paragraph  `json:"paragraph,omitempty"`
	Code        *Code       `json:"code,omitempty"`
	List        *List       `json:"list,omitempty"`
	Table       *Table      `json:"table,omitempty"`
	Quote       *Quote      `json:"quote,omitempty"`
	Definitions Definitions `json:"definitions,omitempty"`
}

// MarshalJSON implements json.Marshaler.
func (b Blocks) MarshalJSON() ([]byte, error) {
	all := make([]anyBlock, len(b))
	for i, block := range b {
		switch block := block.(type) {
		case Heading:
			all[i].Heading = &block
		case Paragraph:
			all[i].Paragraph = &block
		case Code:
			all[i].Code = &block
		case List:
			all[i].List = &block
		case Table:
			all[i].Table = &block
		case Quote:
			all[i].Quote = &block
		case Definitions:
			all[i].Definitions = block
		default:
			return nil, fmt.Errorf("document: %T cannot be written", block)
		}
	}
	return json.Marshal(all)
}

// UnmarshalJSON implements json.Unmarshaler.
func (b *Blocks) UnmarshalJSON(data []byte) error {
	var all []anyBlock
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	*b = make(Blocks, len(all))
	for i, read := range all {
		block := read.block()
		if block == nil {
			return fmt.Errorf("document: block %d is of no kind that is known", i)
		}
		(*b)[i] = block
	}
	return nil
}

// block returns the field that is set; nil if none is.
func (a anyBlock) block() Block {
	switch {
	case a.Heading != nil:
		return *a.Heading
	case a.Paragraph != nil:
		return *a.Paragraph
	case a.Code != nil:
		return *a.Code
	case a.List != nil:
		return *a.List
	case a.Table != nil:
		return *a.Table
	case a.Quote != nil:
		return *a.Quote
	case a.Definitions != nil:
		return a.Definitions
	}
	return nil
}

// ReadFirst reads up to n blocks of a text that was written as JSON, without reading what follows them.
func ReadFirst(r io.Reader, n int) (Blocks, error) {
	decoder := json.NewDecoder(r)
	if _, err := decoder.Token(); err != nil { // The bracket before the first block.
		return nil, err
	}
	var blocks Blocks
	for len(blocks) < n && decoder.More() {
		var read anyBlock
		if err := decoder.Decode(&read); err != nil {
			return nil, err
		}
		block := read.block()
		if block == nil {
			return nil, fmt.Errorf("document: block %d is of no kind that is known", len(blocks))
		}
		blocks = append(blocks, block)
	}
	return blocks, nil
}
