package store

import "fmt"

// page is one page with its overflow pages, or an inline one.
type page struct {
	buf   []byte
	flags uint16
	count int
}

// leaf returns element i of a leaf.
func (p page) leaf(i int) (flags uint32, key, value []byte, err error) {
	at, ok := p.element(i)
	if !ok {
		return 0, nil, nil, errElement
	}
	e := p.buf[at:]
	pos, ksize, vsize := uint64(order.Uint32(e[4:])), uint64(order.Uint32(e[8:])), uint64(order.Uint32(e[12:]))
	if ksize == 0 || pos+ksize+vsize > uint64(len(e)) {
		return 0, nil, nil, errElement
	}
	return order.Uint32(e), e[pos : pos+ksize], e[pos+ksize : pos+ksize+vsize], nil
}

// branch returns element i of a branch.
func (p page) branch(i int) (key []byte, child uint64, err error) {
	at, ok := p.element(i)
	if !ok {
		return nil, 0, errElement
	}
	e := p.buf[at:]
	pos, ksize := uint64(order.Uint32(e)), uint64(order.Uint32(e[4:]))
	if ksize == 0 || pos+ksize > uint64(len(e)) {
		return nil, 0, errElement
	}
	return e[pos : pos+ksize], order.Uint64(e[8:]), nil
}

// element returns the offset of element i's header, which tells its data's position relative to itself.
func (p page) element(i int) (int, bool) {
	at := pageHeaderSize + i*elementSize
	return at, at+elementSize <= len(p.buf)
}

var errElement = fmt.Errorf("%w: an element lies outside its page", errDamaged)
