// The rules that verify holds a finished copy against, attribute by attribute. Written apart from
// decide.cc and actions.cc: they share the registry of PS3.6, and nothing that decides.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "profiles/identity_terms.h"
#include "profiles/verify.h"
#include "profiles/verify_values.h"

namespace veilroute::profiles {

/// What a person is to do about a finding of these rules.
inline constexpr std::string_view kBrokenPromise =
    "The copy does not hold what the profile promises; it was not sent. Report this object's "
    "number to Veilroute's makers.";

/// One attribute of the finished copy, as the second reader sees it.
struct Seen {
  std::string_view path;  ///< "(0040,0275)[1].(0010,0010)"; of the reading it came from
  dicom::Tag tag;
  dicom::Vr vr = dicom::Vr::none;
  unsigned depth = 0;  ///< 0: top level
  bool is_sequence = false;
  bool opaque = false;     ///< bytes that no reader has understood
  bool is_range = false;   ///< a large value of the source; its bytes are not looked at
  bool has_items = false;  ///< of a sequence
  ByteView value;
};

/// What a copy of this patient may hold in place of what identified: made once, for all objects.
struct Permitted {
  std::string pseudonym;
  std::string accession;
  std::set<std::string, std::less<>> new_uids;  ///< the mapping of every UID of the sources
  ShiftedDays shifted{{}, 0};  ///< every day of the sources, moved by the row's offset
  const Profile* profile = nullptr;
};

/// Findings for every attribute of one copy, in the order of a reading (items follow their
/// sequence).
std::vector<Problem> check_attributes(const std::vector<Seen>& attributes,
                                      const Permitted& permitted);

/// Patient Identity Removed and what belongs to it, and that the copy is the object its record
/// names (PS3.15 E.1.1).
std::vector<Problem> check_declarations(const std::vector<Seen>& attributes,
                                        const dicom::OutboxRecord& record,
                                        const Permitted& permitted);

/// SOP Class UID and its like may hold private UIDs: they name a kind of object, not an object.
bool names_a_class(dicom::Tag tag);
/// Study, Series and (Referenced) SOP Instance UID name one of a kind, whatever root they stand
/// under: only new UIDs may be there.
bool must_be_mapped(dicom::Tag tag);
/// The values of a multi-valued text, each without spaces and padding around it.
std::vector<std::string_view> components(std::string_view text);
/// A value as text, without padding.
std::string_view text_of(const Seen& seen);
/// True for the fixed texts that stand for "removed".
bool is_dummy(std::string_view text);
/// The profile's own rule for an attribute, which is then checked instead of the tables. Null:
/// none, or one that says "keep" in a profile that claims to de-identify, where the tables still
/// hold.
const Rule* rule_in(const Place& place, const Profile& profile);
/// The same for an attribute at top level.
const Rule* rule_that_decides(dicom::Tag tag, const Profile& profile);
/// True where the site has decided, by a rule or an option, to send values of an attribute as they
/// came.
bool passes_as_it_came(dicom::Tag tag, const Profile& profile);
/// Binary values whose layout holds no text.
bool is_understood_bulk(dicom::Tag tag);
/// True for the creators of private attributes that a rule, or the list of safe ones, lets stand.
bool is_creator_that_may_stay(std::string_view creator, const Profile& profile);
/// True for a date that the profile keeps, or shifts or cuts to its year and that is one of those
/// which may come of it: it may look like another date of the source by chance.
bool is_permitted_date(const Seen& seen, const Permitted& permitted);

}  // namespace veilroute::profiles
