// The rules of a profile's own: what each selects, and which one decides for an attribute.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/dicom/dictionary.h"

namespace veilroute::profiles {

/// What may happen to an attribute. The letters are those of Table E.1-1; `pseudonym` is the dummy
/// that Z and Z/D permit for Patient's Name and ID.
enum class Action : std::uint8_t {
  keep,       ///< K: unchanged; a sequence keeps its items, each of which is walked
  remove,     ///< X
  empty,      ///< Z
  dummy,      ///< D: a non-empty value of the same VR without identity
  uid,        ///< U: the mapped UID
  pseudonym,  ///< the patient's pseudonym
  accession,  ///< the study's pseudonymous accession number
  replace,    ///< the text a rule gives
  shift,      ///< a date moved by the whole days of the patient's row; times stay
  year,       ///< of a date its year alone
  age,        ///< an age over 89 becomes 090Y, any other stays
  hash,       ///< a number keyed by the patient's row: equal values stay equal
  clean,      ///< C: of a text the words of the vocabulary alone; of a sequence its items, walked
};
inline constexpr std::size_t kActionCount = 13;
std::string_view to_string(Action action);

/// True when an action can be done on a value of this VR. A rule whose action cannot be done does
/// not match: a rule for a whole group reaches only what it can treat.
bool fits_vr(Action action, dicom::Vr vr);

/// Where an attribute stands: all that a selector may look at.
struct Place {
  std::span<const dicom::Tag> around;  ///< sequences, outermost first; empty at top level
  dicom::Tag tag;
  dicom::Vr vr = dicom::Vr::none;   ///< of the registry; as stated where that does not know the tag
  std::string_view creator{};       ///< of a private attribute: the owner of its block
  std::string_view concept_name{};  ///< "DCM:121106" of the content item it stands in; else empty
};

/// Which attributes a rule is for. Exactly one kind; the others' members are unused.
struct Selector {
  enum class Kind : std::uint8_t {
    attribute,  ///< `tag`, at any depth
    path,       ///< `tag` below exactly the sequences `around`, whatever the item numbers
    group,      ///< every attribute of `group`
    vr,         ///< every attribute of `vr`
    block,      ///< private attributes of `creator`, of `group` if not 0, of `element` if not -1
    code,       ///< values of a content item whose concept name is `text` ("SCHEME:VALUE")
  };
  Kind kind = Kind::attribute;
  dicom::Tag tag;
  std::vector<dicom::Tag> around;
  std::uint16_t group = 0;
  dicom::Vr vr = dicom::Vr::none;
  int element = -1;  ///< low byte within the block
  std::string text;  ///< creator or code
  [[nodiscard]] bool matches(const Place& place) const;
  bool operator==(const Selector&) const = default;
};
/// As a profile's file says it: `attribute (0010,0040)`, `creator "ACME" group 0019 element 10`.
std::string to_text(const Selector& selector);

/// A rule of a profile's own, before options and tables.
struct Rule {
  Selector selector;
  Action action = Action::remove;
  std::string value;  ///< for replace
  std::string name;   ///< "basic:12" or the rule's own name; appears in reports
};

/// Rules in their order: the first that matches decides. Immutable once a profile is made; any
/// thread.
class Rules {
 public:
  /// Behind all others.
  void add(Rule rule);
  /// Null: no rule is for this attribute.
  [[nodiscard]] const Rule* find(const Place& place) const;
  [[nodiscard]] const std::vector<Rule>& all() const { return rules_; }
  [[nodiscard]] bool empty() const { return rules_.empty(); }
  [[nodiscard]] std::size_t size() const { return rules_.size(); }
  /// True when some rule looks at private attributes, or at content items: others need not be told
  /// of creators and concepts.
  [[nodiscard]] bool select_private() const { return select_private_; }
  [[nodiscard]] bool select_codes() const { return select_codes_; }

 private:
  std::vector<Rule> rules_;
  std::unordered_map<std::uint32_t, std::vector<std::size_t>> by_tag_;  ///< attribute and path
  std::vector<std::size_t> others_;
  bool select_private_ = false;
  bool select_codes_ = false;
};

/// Patient's Name and Patient ID: they carry the pseudonym, and nothing else passes verification
/// (decisions 6).
bool is_pseudonymous(dicom::Tag tag);

/// What the engine says about the object itself, or needs unchanged to say it: no rule and no
/// option decides about these.
bool is_beyond_rules(dicom::Tag tag);

/// Tags that hold the value of a content item (PS3.3 C.17.3, C.18).
bool is_content_value(dicom::Tag tag);

}  // namespace veilroute::profiles
