package scalar

import (
	"bytes"
	"encoding/base64"
)

// nibbles maps a hexadecimal digit to its value, whatever else to 0xFF.
var nibbles = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xFF
	}
	for i := range byte(10) {
		t['0'+i] = i
	}
	for i := range byte(6) {
		t['a'+i], t['A'+i] = 10+i, 10+i
	}
	return t
}()

// UUID reads the 8-4-4-4-12 form into out.
func UUID(b []byte, out *[16]byte) Fault {
	if len(b) != 36 || b[8] != '-' || b[13] != '-' || b[18] != '-' || b[23] != '-' {
		return Malformed
	}
	var bad byte
	o := 0
	for i := 0; i < 36; i += 2 {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			i++
		}
		hi, lo := nibbles[b[i]], nibbles[b[i+1]]
		bad |= hi | lo
		out[o&15] = hi<<4 | lo
		o++
	}
	if bad > 15 {
		return Malformed
	}
	return OK
}

// LooseUUID also reads 32 digits without hyphens, braces around, and urn:uuid: before.
func LooseUUID(b []byte, out *[16]byte) Fault {
	if UUID(b, out) == OK {
		return OK
	}
	if len(b) > 9 && bytes.EqualFold(b[:9], []byte("urn:uuid:")) {
		b = b[9:]
	}
	if len(b) > 2 && b[0] == '{' && b[len(b)-1] == '}' {
		b = b[1 : len(b)-1]
	}
	if len(b) != 32 {
		return UUID(b, out)
	}
	var bad byte
	for i := range 16 {
		hi, lo := nibbles[b[2*i]], nibbles[b[2*i+1]]
		bad |= hi | lo
		out[i] = hi<<4 | lo
	}
	if bad > 15 {
		return Malformed
	}
	return OK
}

// AppendUUID appends the lower-case 8-4-4-4-12 form of 16 bytes.
func AppendUUID(dst, u []byte) []byte {
	const hex = "0123456789abcdef"
	for i, c := range u {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		dst = append(dst, hex[c>>4], hex[c&15])
	}
	return dst
}

// Base64 appends what padded standard base64 stands for. With a fault dst comes
// back as it was.
func Base64(dst, b []byte) ([]byte, Fault) {
	out, err := base64.StdEncoding.Strict().AppendDecode(dst, b)
	if err != nil || bytes.ContainsAny(b, "\r\n") {
		return dst, Malformed
	}
	return out, OK
}

// LooseBase64 also reads the URL alphabet and leaves out the padding.
func LooseBase64(dst, b []byte) ([]byte, Fault) {
	if out, f := Base64(dst, b); f == OK {
		return out, OK
	}
	enc := base64.RawStdEncoding
	if bytes.ContainsAny(b, "-_") {
		enc = base64.RawURLEncoding
	}
	out, err := enc.AppendDecode(dst, bytes.TrimRight(b, "="))
	if err != nil {
		return dst, Malformed
	}
	return out, OK
}

// Bool reads true and false in any case.
func Bool(b []byte) (bool, Fault) {
	switch {
	case bytes.EqualFold(b, []byte("true")):
		return true, OK
	case bytes.EqualFold(b, []byte("false")):
		return false, OK
	default:
		return false, Malformed
	}
}

// LooseBool also reads t, f, yes, no, y, n, on, off, 1 and 0.
func LooseBool(b []byte) (bool, Fault) {
	if v, f := Bool(b); f == OK {
		return v, OK
	}
	switch string(bytes.ToLower(b)) {
	case "t", "yes", "y", "on", "1":
		return true, OK
	case "f", "no", "n", "off", "0":
		return false, OK
	default:
		return false, Malformed
	}
}
