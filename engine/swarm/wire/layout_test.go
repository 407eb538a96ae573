package wire

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// TestLayout: numbers that are out of range are rejected before a caller sees them.
func TestLayout(t *testing.T) {
	const b = BlockSize
	block := func(id byte, piece, begin, length uint32) string { return frame(id, numbers(piece, begin, length)) }
	longest := strings.Repeat("\xaa", MaxPieces/8)
	data := func(n int) string { return strings.Repeat("d", n) }
	whole := Layout{Pieces: 16, PieceLength: b, Size: 16 * b}
	for name, tt := range map[string]struct {
		layout *Layout
		bytes  string
		ok     bool
		bits   string
	}{
		"a piece before anything is known":      {nil, frame(idHave, numbers(MaxPieces-1)), true, ""},
		"more than there may ever be":           {nil, frame(idHave, numbers(MaxPieces)), false, ""},
		"the highest number":                    {nil, frame(idHave, numbers(1<<32-1)), false, ""},
		"the last piece":                        {&small, frame(idHave, numbers(2)), true, ""},
		"one behind the last":                   {&small, frame(idHave, numbers(3)), false, ""},
		"a piece of nothing":                    {&Layout{PieceLength: b}, frame(idHave, numbers(0)), false, ""},
		"a bitfield before anything is known":   {nil, frame(idBitfield, "\x64\xff"), true, "\x64\xff"},
		"the longest one":                       {nil, frame(idBitfield, longest), true, longest},
		"a bitfield":                            {&small, frame(idBitfield, "\xa0"), true, "\xa0"},
		"a bitfield with spare bits":            {&small, frame(idBitfield, "\xbf"), true, "\xa0"},
		"a bitfield that is too long":           {&small, frame(idBitfield, "\x40\xff\xff"), true, "\x40"},
		"a bitfield that is too short":          {&small, frame(idBitfield, ""), true, "\x00"},
		"a bitfield without spare bits":         {&whole, frame(idBitfield, "\xff\xff"), true, "\xff\xff"},
		"a bitfield of half":                    {&whole, frame(idBitfield, "\xff"), true, "\xff\x00"},
		"a bitfield of nothing":                 {&Layout{PieceLength: b}, frame(idBitfield, "\xff"), true, ""},
		"a suggestion":                          {&small, frame(idSuggest, numbers(2)), true, ""},
		"a request":                             {&small, block(idRequest, 0, 3*b, b), true, ""},
		"a request that begins anywhere":        {&small, block(idRequest, 0, 17, b), true, ""},
		"one byte":                              {&small, block(idRequest, 0, 0, 1), true, ""},
		"nothing":                               {&small, block(idRequest, 0, 0, 0), false, ""},
		"more than a block":                     {&small, block(idRequest, 0, 0, b+1), false, ""},
		"4 GiB":                                 {&small, block(idRequest, 0, 0, 1<<32-1), false, ""},
		"over the end of the piece":             {&small, block(idRequest, 0, 3*b+1, b), false, ""},
		"behind the piece":                      {&small, block(idRequest, 0, 4*b, b), false, ""},
		"so far that it may seem to be less":    {&small, block(idRequest, 0, 1<<32-b, b), false, ""},
		"a piece that there is not":             {&small, block(idRequest, 3, 0, b), false, ""},
		"the last block":                        {&small, block(idRequest, 2, 2*b, 100), true, ""},
		"the last block, in full":               {&small, block(idRequest, 2, 2*b, b), false, ""},
		"behind the last block":                 {&small, block(idRequest, 2, 2*b+100, 1), false, ""},
		"a request before anything is known":    {nil, block(idRequest, 5, 1<<24, b), true, ""},
		"one that is never right":               {nil, block(idRequest, 5, 1<<31, b), false, ""},
		"one that is too long":                  {nil, block(idRequest, 5, 0, b+1), false, ""},
		"a cancel":                              {&small, block(idCancel, 2, 2*b, 100), true, ""},
		"a cancel of what is not":               {&small, block(idCancel, 2, 2*b, 101), false, ""},
		"a reject":                              {&small, block(idReject, 2, 2*b, 100), true, ""},
		"a reject of what is not":               {&small, block(idReject, 3, 0, b), false, ""},
		"a block":                               {&small, frame(idPiece, numbers(2, 2*b)+data(100)), true, ""},
		"a block that is too long for its end":  {&small, frame(idPiece, numbers(2, 2*b)+data(101)), false, ""},
		"a block that is too long":              {&small, frame(idPiece, numbers(0, 0)+data(b+1)), false, ""},
		"a block of no piece":                   {&small, frame(idPiece, numbers(3, 0)+"x"), false, ""},
		"a block before anything is known":      {nil, frame(idPiece, numbers(9, 0)+data(b)), true, ""},
		"a long block before anything is known": {nil, frame(idPiece, numbers(9, 0)+data(b+1)), false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := connReading([]byte(tt.bytes))
			if tt.layout != nil {
				c.SetLayout(*tt.layout)
			}
			m, err := c.Read()
			if (err == nil) != tt.ok || errors.Is(err, io.EOF) {
				t.Fatalf("%v, want it read: %t", err, tt.ok)
			}
			if string(m.Bits) != tt.bits {
				t.Errorf("the bitfield is %x, want %x", m.Bits, tt.bits)
			}
			Free(m.Data)
		})
	}
}

// TestHintsOfUnknownPieces: suggestions of pieces that do not exist are ignored.
func TestHintsOfUnknownPieces(t *testing.T) {
	for _, id := range []byte{idSuggest, idAllowedFast} {
		c := connReading([]byte(frame(id, numbers(3)) + frame(id, numbers(1<<32-1)) + frame(id, numbers(1))))
		c.SetLayout(small)
		if all, err := readAll(c); !errors.Is(err, io.EOF) || len(all) != 1 || all[0].Block.Piece != 1 {
			t.Errorf("%v, %v", all, err)
		}
	}
}

// TestCheck: messages that were read before the layout was known can be checked later.
func TestCheck(t *testing.T) {
	have, bitfield := frame(idHave, numbers(7)), frame(idBitfield, "\xff\xff")
	c := connReading([]byte(have + bitfield + frame(idRequest, numbers(2, 3*BlockSize, 16))))
	all, err := readAll(c)
	if !errors.Is(err, io.EOF) || len(all) != 3 {
		t.Fatal(all, err)
	}
	if err := small.Check(&all[0]); err == nil {
		t.Error("a piece that there is not may be had")
	}
	if err := small.Check(&all[1]); err != nil || !bytes.Equal(all[1].Bits, []byte{0xe0}) {
		t.Errorf("the bitfield is %x, %v", all[1].Bits, err)
	}
	if err := small.Check(&all[2]); err == nil {
		t.Error("a block that there is not may be requested")
	}
}
