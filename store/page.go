package store

import "fmt"

// page is one page with its overflow pages, or an inline page.
type page struct {
	buf   []byte
	flags uint16
	count int
}

// leafElement returns element i of a leaf.
func (p page) leafElement(i int) (flags uint32, key, value []byte, err error) {
	at, ok := p.elementOffset(i)
	if !ok {
		return 0, nil, nil, errElement
	}
	e := p.buf[at:]
	pos, ksize, vsize := uint64(byteOrder.Uint32(e[4:])), uint64(byteOrder.Uint32(e[8:])), uint64(byteOrder.Uint32(e[12:]))
	if ksize == 0 || pos+ksize+vsize > uint64(len(e)) {
		return 0, nil, nil, errElement
	}
	return byteOrder.Uint32(e), e[pos : pos+ksize], e[pos+ksize : pos+ksize+vsize], nil
}

// branchElement returns element i of a branch.
func (p page) branchElement(i int) (key []byte, child uint64, err error) {
	at, ok := p.elementOffset(i)
	if !ok {
		return nil, 0, errElement
	}
	e := p.buf[at:]
	pos, ksize := uint64(byteOrder.Uint32(e)), uint64(byteOrder.Uint32(e[4:]))
	if ksize == 0 || pos+ksize > uint64(len(e)) {
		return nil, 0, errElement
	}
	return e[pos : pos+ksize], byteOrder.Uint64(e[8:]), nil
}

// elementOffset returns the offset of element i's header. Positions in the header are relative to it.
func (p page) elementOffset(i int) (int, bool) {
	at := pageHeaderSize + i*elementSize
	return at, at+elementSize <= len(p.buf)
}

var errElement = fmt.Errorf("%w: an element lies outside its page", errDamaged)
