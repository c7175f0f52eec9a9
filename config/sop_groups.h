// Named sets of SOP classes, for `SOPClassUID in group "structured-report"`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace veilroute::config {

/// The names of all groups, in the order of the reference.
std::vector<std::string> sop_group_names();
bool is_sop_group(std::string_view name);
/// False for a name that is no group.
bool is_in_sop_group(std::string_view name, std::string_view sop_class);

}  // namespace veilroute::config
