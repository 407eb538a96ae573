package document

import (
	"encoding/json"
	"fmt"
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
	for i, block := range all {
		switch {
		case block.Heading != nil:
			(*b)[i] = *block.Heading
		case block.Paragraph != nil:
			(*b)[i] = *block.Paragraph
		case block.Code != nil:
			(*b)[i] = *block.Code
		case block.List != nil:
			(*b)[i] = *block.List
		case block.Table != nil:
			(*b)[i] = *block.Table
		case block.Quote != nil:
			(*b)[i] = *block.Quote
		case block.Definitions != nil:
			(*b)[i] = block.Definitions
		default:
			return fmt.Errorf("document: block %d is of no kind that is known", i)
		}
	}
	return nil
}
