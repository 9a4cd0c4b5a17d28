package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Credentials and an agency are chosen as a set. Each row has the attributes of the sources, the
// highest first, and those that are in use.
func TestMergeCredentials(t *testing.T) {
	for name, test := range map[string]struct {
		sources []string
		want    string
	}{
		"nothing":                       {[]string{"", ""}, ""},
		"key above a token":             {[]string{"access_key=A secret_key=S", "token=T"}, "access_key=A secret_key=S"},
		"password above a token":        {[]string{"user_name=u password=p", "token=T"}, "user_name=u password=p"},
		"password above a key":          {[]string{"user_id=u password=p", "access_key=A secret_key=S security_token=X"}, "user_id=u password=p"},
		"token above all":               {[]string{"token=T", "access_key=A secret_key=S user_name=u password=p"}, "token=T"},
		"token above a token":           {[]string{"token=T", "token=U"}, "token=T"},
		"all in one":                    {[]string{"token=T access_key=A secret_key=S user_name=u password=p"}, "token=T"},
		"key and password in one":       {[]string{"access_key=A secret_key=S user_name=u password=p"}, "access_key=A secret_key=S"},
		"user above its password":       {[]string{"user_name=u", "password=p"}, "user_name=u password=p"},
		"password above its user":       {[]string{"password=p", "user_name=u"}, "user_name=u password=p"},
		"user above a token":            {[]string{"user_name=u", "token=T"}, "user_name=u"},
		"user, a token, its password":   {[]string{"user_name=u", "token=T", "password=p"}, "user_name=u password=p"},
		"half a key above a password":   {[]string{"secret_key=S", "user_name=u password=p"}, "secret_key=S"},
		"key above its secret":          {[]string{"access_key=A", "secret_key=S"}, "access_key=A secret_key=S"},
		"secret above its key":          {[]string{"secret_key=S", "access_key=A"}, "access_key=A secret_key=S"},
		"key in three":                  {[]string{"access_key=A", "secret_key=S", "security_token=X"}, "access_key=A secret_key=S"},
		"key above its secret and name": {[]string{"access_key=A", "access_key=A secret_key=S"}, "access_key=A secret_key=S"},
		"key above another's secret":    {[]string{"access_key=A", "access_key=B secret_key=S"}, "access_key=A"},
		"key, another's secret, its own": {
			[]string{"access_key=A", "access_key=B secret_key=S", "secret_key=T"}, "access_key=A secret_key=T",
		},
		"permanent key above a temporary one": {
			[]string{"access_key=A secret_key=S", "access_key=B secret_key=T security_token=X"}, "access_key=A secret_key=S",
		},
		"permanent key above a security token": {[]string{"access_key=A secret_key=S", "security_token=X"}, "access_key=A secret_key=S"},
		"temporary key above another": {
			[]string{"access_key=A secret_key=S security_token=X", "access_key=B secret_key=T security_token=Y"},
			"access_key=A secret_key=S security_token=X",
		},
		"temporary key above its secrets": {
			[]string{"access_key=A", "secret_key=S security_token=X"}, "access_key=A secret_key=S security_token=X",
		},
		"secret above the rest of a temporary key": {
			[]string{"secret_key=S", "access_key=A security_token=X"}, "access_key=A secret_key=S security_token=X",
		},
		"security token above its key": {
			[]string{"security_token=X", "access_key=A secret_key=S"}, "access_key=A secret_key=S security_token=X",
		},
		"security token above a password": {[]string{"security_token=X", "user_name=u password=p"}, "security_token=X"},
		"user above another's password":   {[]string{"user_name=u", "user_name=v password=p"}, "user_name=u"},
		"user above its password and name": {
			[]string{"user_name=u", "user_name=u password=p"}, "user_name=u password=p",
		},
		"password above another one and the user": {[]string{"password=p", "user_name=u password=q"}, "user_name=u password=p"},
		// Whether they are the same can't be known.
		"user's name above an ID and a password": {[]string{"user_name=u", "user_id=v password=p"}, "user_name=u password=p"},
		"user's ID above a name and a password":  {[]string{"user_id=v", "user_name=u password=p"}, "user_id=v password=p"},
		"user's ID above another":                {[]string{"user_id=v", "user_id=w user_name=v password=p"}, "user_id=v"},
		"passcode below its password":            {[]string{"user_name=u password=p", "passcode=c"}, "passcode=c password=p user_name=u"},
		"passcode above its password":            {[]string{"passcode=c", "user_name=u password=p"}, "passcode=c password=p user_name=u"},
		"passcode of another user":               {[]string{"user_name=u password=p", "user_name=v passcode=c"}, "password=p user_name=u"},
		"passcode above a token":                 {[]string{"passcode=c", "token=T"}, "token=T"},
		"passcode below a key":                   {[]string{"access_key=A secret_key=S", "passcode=c"}, "access_key=A secret_key=S"},

		"agency beside the token":     {[]string{"token=T agency_name=a agency_domain_name=d", ""}, "agency_domain_name=d agency_name=a token=T"},
		"agency above the token":      {[]string{"agency_name=a agency_domain_name=d", "token=T"}, "agency_domain_name=d agency_name=a token=T"},
		"agency below the token":      {[]string{"token=T", "agency_name=a agency_domain_name=d"}, "token=T"},
		"agency's project below":      {[]string{"access_key=A secret_key=S", "delegated_project=p"}, "access_key=A secret_key=S"},
		"agency beside another token": {[]string{"token=T", "token=U agency_name=a agency_domain_name=d"}, "token=T"},
		"agency in two": {
			[]string{"agency_name=a", "token=T agency_name=b agency_domain_name=d delegated_project=p"}, "agency_name=a token=T",
		},
		"agency beside the user, below the password": {
			[]string{"password=p", "user_name=u agency_name=a agency_domain_name=d"},
			"agency_domain_name=d agency_name=a password=p user_name=u",
		},
		"agency beside the password, below the user": {
			[]string{"user_name=u", "password=p agency_name=a agency_domain_name=d"}, "password=p user_name=u",
		},
		"agency beside another's password, below the secret": {
			[]string{"secret_key=S", "user_name=u password=p agency_name=a", "access_key=A"}, "access_key=A agency_name=a secret_key=S",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var s sources
			for _, list := range test.sources {
				s = append(s, newSource("", texts(list)))
			}
			merged := s.merge()
			var got, unused []string
			for _, attribute := range slices.Sorted(maps.Keys(merged)) {
				got = append(got, attribute+"="+merged[attribute].text)
			}
			if diff := cmp.Diff(slices.Sorted(strings.FieldsSeq(test.want)), got, cmpopts.EquateEmpty()); diff != "" {
				t.Error("unexpected (-want +got):\n" + diff)
			}
			for _, from := range s {
				for attribute, value := range from {
					if merged[attribute].text != value.text {
						unused = append(unused, attribute)
					}
				}
			}
			if listed := s.unused(merged); !sameElements(listed, unused) {
				t.Errorf("unused are %v, want %v", listed, unused)
			}
		})
	}
}

func sameElements(a, b []string) bool {
	return fmt.Sprint(slices.Sorted(slices.Values(a))) == fmt.Sprint(slices.Sorted(slices.Values(b)))
}
