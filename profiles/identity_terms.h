// What verify searches for: the words, numbers, dates and UIDs of the source that identify.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/dicom/dictionary.h"
#include "profiles/verify.h"

namespace veilroute::profiles {

enum class TermKind : std::uint8_t {
  person,      ///< a name or a part of one
  identifier,  ///< a record, accession, serial or telephone number
  place,       ///< institution, department, address, station
  date,        ///< eight digits
  uid,
};

struct Term {
  TermKind kind = TermKind::identifier;
  bool digits_only = false;
  bool part_of_place = true;        ///< only ever seen as one word of a longer place
  std::set<std::uint32_t> sources;  ///< packed tags it was read from
  std::set<std::string> written;    ///< in UTF-8 as the source has it, where it is not ASCII
};

/// Comparable form (core/base/unicode.h) → what it is.
struct IdentityTerms::State {
  std::map<std::string, Term> terms;
  /// The patient's own names and numbers that are too short or too common to be evidence within a
  /// text: they count where they are a whole value.
  std::map<std::string, Term> words;
  /// Bytes of identifying values that their character set does not have.
  std::map<std::string, Term> undecoded;
  bool is_cut_off = false;  ///< there were more than can be searched for: nothing may be cleared
  std::set<std::string, std::less<>> uids;  ///< every UID of the sources that may name an instance
  std::size_t days = 0;                     ///< terms that are dates
  std::set<std::string, std::less<>> source_days;  ///< "YYYYMMDD": every day of a DA or DT
  std::unordered_set<std::string> read;     ///< values met before: objects of a study repeat them
};

/// What an attribute's values are of, if the attribute identifies. Null: it does not.
const TermKind* identifying_kind(dicom::Tag tag);

/// Names and numbers of the patient: what stands there matters however short it is.
bool is_of_the_patient(dicom::Tag tag);

/// Words that stand in objects of every patient ("CHEST", "MEDICAL"): no evidence of a leak.
bool is_common_token(std::string_view upper_case);

}  // namespace veilroute::profiles
