// Which action an attribute gets, and by which rule: pure.
#pragma once

#include "core/dicom/dataset.h"
#include "profiles/deidentify.h"
#include "profiles/profile.h"

namespace veilroute::profiles {

/// Exactly one action for an attribute. `item` is the item it stands in (a code's meaning is judged
/// with its coding scheme). Null: judged alone, so codes are not kept.
Decision decide_in(const dicom::Element& element, const dicom::Item* item, bool top_level,
                   const Profile& profile);

/// What never leaves, whatever a profile says: command, meta and directory groups, private
/// attributes, overlays and curves, signatures and encrypted attributes, group lengths.
/// Empty: not among them; else the rule's name.
std::string_view always_removed(dicom::Tag tag);

/// The action an attribute would get without any rule of a profile, if its value looks its best:
/// keep only where the tables would let every value pass. For judging a profile's own rules.
Action default_action(dicom::Tag tag);

}  // namespace veilroute::profiles
