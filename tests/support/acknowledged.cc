#include "tests/support/acknowledged.h"

#include <sstream>

namespace veilroute::test {

std::set<std::string> acknowledged_files(const std::string& storescu_output) {
  constexpr std::string_view kSending = "Sending file: ";
  std::set<std::string> taken;
  std::string at_hand;
  std::istringstream lines(storescu_output);
  for (std::string line; std::getline(lines, line);) {
    if (const auto at = line.find(kSending); at != std::string::npos) {
      at_hand = line.substr(at + kSending.size());
    } else if (line.find("Received Store Response (Success)") != std::string::npos) {
      taken.insert(at_hand);
    }
  }
  return taken;
}

}  // namespace veilroute::test
