package config

import (
	"reflect"

	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/lang/addr"
)

// refType is the type of references to blocks.
var refType = cty.Capsule("reference to a block", reflect.TypeFor[addr.Address]())

// RefVal returns the value of a reference.
func RefVal(a addr.Address) cty.Value { return cty.CapsuleVal(refType, &a) }

// AsRef returns what a reference names; false where v is none. An object that
// stands for a block gives the block.
func AsRef(v cty.Value) (addr.Address, bool) {
	if HasSecret(v) || v.IsNull() || !v.IsKnown() {
		return addr.Address{}, false
	}
	if ty := v.Type(); ty.IsObjectType() && ty.HasAttribute(SelfAttr) {
		v = v.GetAttr(SelfAttr)
	}
	if !v.Type().Equals(refType) {
		return addr.Address{}, false
	}
	return *v.EncapsulatedValue().(*addr.Address), true
}
