#include "app/watch/secret_line.h"

#include "core/base/files.h"

namespace veilroute::app {

Result<std::string> read_secret_line(const std::filesystem::path& file, const char* slug) {
  constexpr std::uint64_t kLongest = 4096;
  VR_TRY(std::string text, read_text_file(file, kLongest));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (!text.empty()) return text;
  return make_error(ErrorKind::invalid, slug,
                    file.string() + ": is empty; write the token or the password into it");
}

}  // namespace veilroute::app
