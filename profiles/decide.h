// Which action an attribute gets, and by which rule: pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/dicom/dataset.h"
#include "profiles/iod_types.h"
#include "profiles/profile.h"

namespace veilroute::profiles {

/// The action a profile takes on an attribute, and the rule that decided.
struct Decision {
  Action action = Action::keep;
  std::string rule;
  /// What is done where the action finds nothing to leave: a date that does not parse, a text of
  /// which no word may stay.
  Action otherwise = Action::remove;
  std::string_view value{};  ///< for replace; of the profile
};

/// Where an attribute stands.
struct Surroundings {
  /// The item itself: a code's meaning is judged with its coding scheme. Null: judged alone, so
  /// codes are not kept.
  const dicom::Item* item = nullptr;
  std::span<const dicom::Tag> around;  ///< sequences, outermost first; empty at top level
  std::string_view concept_name;       ///< of a content item: "DCM:121106"
};

/// The decisions of one profile. Immutable; any thread.
class Decider {
 public:
  /// `profile` outlives the decider. `types`: of the object, for the compound codes of Table E.1-1.
  explicit Decider(const Profile& profile, IodTypes types = IodTypes::of_class({}))
      : profile_(profile), types_(types) {}
  /// For one object, of which more is known than its class.
  Decider(const Profile& profile, const dicom::Dataset& object);

  /// Exactly one action for a public attribute; private ones are for decide_private.
  [[nodiscard]] Decision decide(const dicom::Element& element, const Surroundings& where) const;

 private:
  [[nodiscard]] Decision by_own_rule(const Rule& rule, const dicom::Element& element) const;
  [[nodiscard]] const Rule* own_rule(const dicom::Element& element, dicom::Vr vr,
                                     const Surroundings& where) const;

  [[nodiscard]] Type type_of(dicom::Tag tag, const Surroundings& where) const;

  const Profile& profile_;
  IodTypes types_;
  bool has_frame_groups_ = false;  ///< Per-Frame Functional Groups Sequence
};

/// What never leaves, whatever a profile says: command, meta and directory groups, private
/// attributes, overlays and curves, signatures and encrypted attributes, group lengths.
/// Empty: not among them; else the rule's name.
std::string_view always_removed(dicom::Tag tag);

/// The action an attribute would get without any rule or option of a profile, if its value looks
/// its best: keep only where the tables would let every value pass. For judging a profile's own
/// rules.
Action default_action(dicom::Tag tag);

}  // namespace veilroute::profiles
