// Private attributes: removed, unless a rule for their creator, or the list of safe ones, keeps
// them.
#pragma once

#include <optional>
#include <vector>

#include "profiles/decide.h"

namespace veilroute::profiles {

/// False: every private attribute goes, whatever it is.
bool may_keep_private(const Profile& profile);

/// One decision for each element of an item that is private (PS3.5 7.8.1); empty for public ones. A
/// creator stays exactly where an element of its block does. Any thread.
std::vector<std::optional<Decision>> decide_private(const dicom::Item& item,
                                                    std::span<const dicom::Tag> around,
                                                    bool big_endian, const Profile& profile);

}  // namespace veilroute::profiles
