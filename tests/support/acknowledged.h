// Which files a storescu run was told were taken: read from what it prints.
#pragma once

#include <set>
#include <string>

namespace veilroute::test {

/// The files after whose "Sending file" line a success response came, from `storescu -v`.
std::set<std::string> acknowledged_files(const std::string& storescu_output);

}  // namespace veilroute::test
