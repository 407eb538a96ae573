package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
)

// bbolt's file format, version 2, in the byte order of the machine: pages of equal size, of which 0 and 1 are meta
// pages, written in turn by each transaction; the newer one names the root of a B+tree of buckets and the list of free
// pages. Only meta pages carry a checksum. bbolt maps the file and trusts it: with a damaged page it panics, faults
// outside the mapping, overwrites pages that are in use, or walks in a circle until the memory is exhausted, from which
// nothing can recover. So the file is walked here first, with ordinary reads.
const (
	boltMagic   = 0xED0CDAED
	boltVersion = 2

	pageHeaderSize     = 16 // id uint64, flags uint16, count uint16, overflow uint32
	elementSize        = 16 // leaf: flags, pos, ksize, vsize uint32; branch: pos, ksize uint32, pgid uint64
	bucketHeaderSize   = 16 // root pgid uint64 (0: the bucket's only page follows inline), sequence uint64
	metaSize           = 64
	metaChecksumOffset = 56 // the checksum covers the bytes before it

	branchPage, leafPage, metaPage, freelistPage = 0x01, 0x02, 0x04, 0x10

	bucketFlag = 0x01

	// noFreelist in place of the list's page number means that the list is not stored, an option that other programs use.
	noFreelist = 1<<64 - 1

	maxDepth    = 32
	minPageSize = 1 << 10
	maxPageSize = 1 << 16
)

var byteOrder = binary.NativeEndian

// meta is the content of a meta page.
type meta struct {
	pageSize              uint64
	root, freelist, pages uint64 // pages is the number of pages in use or free: the high-water mark
	txid                  uint64
}

// walker verifies a bbolt file: every page below the high-water mark is the list of free pages, free, or used exactly
// once in the tree; every element lies within its page; keys are in order and within their parents' bounds.
type walker struct {
	r     io.ReaderAt
	size  int64
	meta  meta
	seen  []bool
	bufs  [][]byte // one for each level of the tree, reused for every page of the level
	visit func(bucket string, key, value []byte) error
}

// walk verifies the file and calls visit for every record with the name of its bucket ("a/b" for a bucket in a bucket),
// and with a nil key for every bucket. Key and value are valid during the call. Errors are errDamaged or come from
// visit.
func walk(r io.ReaderAt, size int64, visit func(bucket string, key, value []byte) error) error {
	m, err := readMetas(r, size)
	if err != nil {
		return err
	}
	if m.pages < 2 || m.pages > uint64(size)/m.pageSize {
		return fmt.Errorf(
			"%w: it has been truncated: %d pages of %d bytes do not fit into %d bytes", errDamaged, m.pages, m.pageSize, size,
		)
	}
	w := &walker{r: r, size: size, meta: m, visit: visit, seen: make([]bool, m.pages)}
	w.seen[0], w.seen[1] = true, true
	if err := w.markFreePages(); err != nil {
		return err
	}
	if err := w.verifyTree("", m.root, 0, nil, nil); err != nil {
		return err
	}
	for id, seen := range w.seen {
		if !seen && m.freelist != noFreelist {
			return fmt.Errorf("%w: page %d is neither used nor free", errDamaged, id)
		}
	}
	return nil
}

// readMetas returns the newer of the two meta pages. Both have to be valid, as they always are in a file that bbolt has
// finished creating: the older one could lack the last transaction.
func readMetas(r io.ReaderAt, size int64) (meta, error) {
	m, err := readMeta(r, size, 0, 0)
	if err != nil {
		return meta{}, err
	}
	other, err := readMeta(r, size, 1, int64(m.pageSize))
	if err != nil {
		return meta{}, err
	}
	if other.pageSize != m.pageSize {
		return meta{}, fmt.Errorf("%w: its meta pages differ in page size", errDamaged)
	}
	if other.txid > m.txid {
		m = other
	}
	return m, nil
}

func readMeta(r io.ReaderAt, size int64, id uint64, at int64) (meta, error) {
	var b [pageHeaderSize + metaSize]byte
	if at+int64(len(b)) > size {
		return meta{}, fmt.Errorf("%w: it is too short", errDamaged)
	}
	if _, err := r.ReadAt(b[:], at); err != nil {
		return meta{}, readError(err)
	}
	p := b[pageHeaderSize:]
	sum := fnv.New64a()
	_, _ = sum.Write(p[:metaChecksumOffset]) // A hash never fails.
	m := meta{
		pageSize: uint64(byteOrder.Uint32(p[8:])), root: byteOrder.Uint64(p[16:]),
		freelist: byteOrder.Uint64(p[32:]), pages: byteOrder.Uint64(p[40:]), txid: byteOrder.Uint64(p[48:]),
	}
	switch {
	case byteOrder.Uint32(p) != boltMagic, byteOrder.Uint32(p[4:]) != boltVersion,
		byteOrder.Uint64(b[:]) != id, byteOrder.Uint16(b[8:]) != metaPage:
		return meta{}, fmt.Errorf("%w: page %d is no meta page", errDamaged, id)
	case byteOrder.Uint64(p[metaChecksumOffset:]) != sum.Sum64():
		return meta{}, fmt.Errorf("%w: the checksum of meta page %d is wrong", errDamaged, id)
	case m.pageSize < minPageSize, m.pageSize > maxPageSize, m.pageSize&(m.pageSize-1) != 0:
		return meta{}, fmt.Errorf("%w: pages of %d bytes", errDamaged, m.pageSize)
	}
	return m, nil
}

// readPage reads page id with its overflow pages and marks them as seen.
func (w *walker) readPage(id uint64, level int) (page, error) {
	for len(w.bufs) <= level {
		w.bufs = append(w.bufs, make([]byte, w.meta.pageSize))
	}
	if id >= w.meta.pages {
		return page{}, fmt.Errorf("%w: page %d is past the end", errDamaged, id)
	}
	size, at := w.meta.pageSize, int64(id*w.meta.pageSize)
	buf := w.bufs[level][:size]
	if _, err := w.r.ReadAt(buf, at); err != nil {
		return page{}, readError(err)
	}
	overflow := uint64(byteOrder.Uint32(buf[12:]))
	if id+overflow >= w.meta.pages {
		return page{}, fmt.Errorf("%w: page %d overflows the end", errDamaged, id)
	}
	if overflow > 0 {
		if need := int((overflow + 1) * size); cap(buf) < need {
			buf = append(make([]byte, 0, need), buf...)
		}
		buf = buf[:(overflow+1)*size]
		if _, err := w.r.ReadAt(buf[size:], at+int64(size)); err != nil {
			return page{}, readError(err)
		}
	}
	w.bufs[level] = buf
	if own := byteOrder.Uint64(buf); own != id {
		return page{}, fmt.Errorf("%w: page %d calls itself %d", errDamaged, id, own)
	}
	for i := id; i <= id+overflow; i++ {
		if err := w.markSeen(i); err != nil {
			return page{}, err
		}
	}
	return page{buf: buf, flags: byteOrder.Uint16(buf[8:]), count: int(byteOrder.Uint16(buf[10:]))}, nil
}

// readError returns errDamaged for a read that failed: a sector of the disk is bad, or another program has just
// truncated the file.
func readError(err error) error { return fmt.Errorf("%w: %w", errDamaged, err) }

func (w *walker) markSeen(id uint64) error {
	if id >= w.meta.pages || w.seen[id] {
		return fmt.Errorf("%w: page %d is past the end or used twice", errDamaged, id)
	}
	w.seen[id] = true
	return nil
}

// markFreePages reads the list of free pages and marks these as seen.
func (w *walker) markFreePages() error {
	if w.meta.freelist == noFreelist {
		return nil
	}
	p, err := w.readPage(w.meta.freelist, 0)
	if err != nil {
		return err
	}
	ids, count := p.buf[pageHeaderSize:], uint64(p.count)
	if p.flags != freelistPage {
		return fmt.Errorf("%w: the list of free pages is missing", errDamaged)
	}
	if count == 0xffff { // The header cannot hold the number: it is in the first element.
		count, ids = byteOrder.Uint64(ids), ids[8:]
	}
	if count > uint64(len(ids)/8) {
		return fmt.Errorf("%w: the list of free pages is longer than its page", errDamaged)
	}
	for ; count > 0; count, ids = count-1, ids[8:] {
		if err := w.markSeen(byteOrder.Uint64(ids)); err != nil {
			return err
		}
	}
	return nil
}

// verifyTree verifies page id and the pages below it. All of their keys must be at least low and, unless high is nil,
// below high.
func (w *walker) verifyTree(bucket string, id uint64, level int, low, high []byte) error {
	if level >= maxDepth {
		return fmt.Errorf("%w: page %d lies too deep", errDamaged, id)
	}
	p, err := w.readPage(id, level)
	if err != nil {
		return err
	}
	if p.flags == leafPage {
		return w.verifyLeaf(bucket, p, level, low, high)
	}
	if p.flags != branchPage || p.count == 0 {
		return fmt.Errorf("%w: page %d is neither branch nor leaf", errDamaged, id)
	}
	key, child, err := p.branchElement(0)
	for i := range p.count {
		if err != nil {
			return err
		}
		next, nextChild, bound := []byte(nil), uint64(0), high
		if i+1 < p.count {
			next, nextChild, err = p.branchElement(i + 1)
			bound = next
		}
		if err != nil {
			return err
		}
		if bytes.Compare(key, low) < 0 || bound != nil && bytes.Compare(key, bound) >= 0 {
			return fmt.Errorf("%w: the keys of page %d are out of order", errDamaged, id)
		}
		if err := w.verifyTree(bucket, child, level+1, key, bound); err != nil {
			return err
		}
		key, child = next, nextChild
	}
	return nil
}

// verifyLeaf verifies the elements of a leaf and the buckets among them.
func (w *walker) verifyLeaf(bucket string, p page, level int, low, high []byte) error {
	for i := range p.count {
		flags, key, value, err := p.leafElement(i)
		if err != nil {
			return err
		}
		// Only the very first key may equal its bound; later ones have to be greater than the one before.
		if c := bytes.Compare(key, low); c < 0 || c == 0 && i > 0 || high != nil && bytes.Compare(key, high) >= 0 {
			return fmt.Errorf("%w: the keys of bucket %q are out of order", errDamaged, bucket)
		}
		low = key
		switch flags {
		case 0:
			err = w.visit(bucket, key, value)
		case bucketFlag:
			err = w.verifyBucket(joinBucket(bucket, key), value, level)
		default:
			err = fmt.Errorf("%w: an element of bucket %q is neither record nor bucket", errDamaged, bucket)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// verifyBucket verifies the bucket that a leaf's value describes.
func (w *walker) verifyBucket(name string, value []byte, level int) error {
	if len(value) < bucketHeaderSize {
		return fmt.Errorf("%w: the header of bucket %q is cut off", errDamaged, name)
	}
	if err := w.visit(name, nil, nil); err != nil {
		return err
	}
	if root := byteOrder.Uint64(value); root != 0 {
		return w.verifyTree(name, root, level+1, nil, nil)
	}
	inline := value[bucketHeaderSize:]
	if len(inline) < pageHeaderSize || byteOrder.Uint16(inline[8:]) != leafPage || level >= maxDepth {
		return fmt.Errorf("%w: the page of bucket %q is no leaf", errDamaged, name)
	}
	p := page{buf: inline, flags: leafPage, count: int(byteOrder.Uint16(inline[10:]))}
	return w.verifyLeaf(name, p, level+1, nil, nil)
}

func joinBucket(bucket string, key []byte) string {
	if bucket == "" {
		return string(key)
	}
	return bucket + "/" + string(key)
}
