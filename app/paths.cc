#include "app/paths.h"

#include <algorithm>

namespace veilroute::app {
namespace {

namespace fs = std::filesystem;

Error unreadable(const std::error_code& why) {
  return make_error(ErrorKind::unavailable, "file.unreadable", why.message());
}

/// A link may lead out of the folder that was named, or round in circles.
Error not_followed() {
  return make_error(ErrorKind::refused, "file.symbolic-link",
                    "this is a symbolic link, and links inside folders are not followed: name what "
                    "it points to");
}

void find_in_folder(const fs::path& folder, std::vector<FoundFile>& found) {
  std::vector<FoundFile> here;
  // Folders still to look into: a list, not recursion, so that no depth can hurt.
  std::vector<fs::path> waiting{folder};
  while (!waiting.empty()) {
    const fs::path next = waiting.back();
    waiting.pop_back();
    std::error_code failure;
    for (fs::directory_iterator entry(next, failure), end; !failure && entry != end;
         entry.increment(failure)) {
      const auto status = entry->symlink_status(failure);
      if (failure) break;
      if (fs::is_directory(status)) {
        waiting.push_back(entry->path());
        continue;
      }
      std::optional<Error> link;
      if (fs::is_symlink(status)) link = not_followed();
      here.push_back({entry->path(), entry->path().lexically_relative(folder), false, link});
    }
    if (failure) here.push_back({next, next.lexically_relative(folder), false, unreadable(failure)});
  }
  std::sort(here.begin(), here.end(),
            [](const FoundFile& a, const FoundFile& b) { return a.path < b.path; });
  found.insert(found.end(), std::make_move_iterator(here.begin()),
               std::make_move_iterator(here.end()));
}

}  // namespace

std::vector<FoundFile> find_files(const std::vector<fs::path>& paths) {
  std::vector<FoundFile> found;
  for (const auto& path : paths) {
    std::error_code failure;
    const auto status = fs::status(path, failure);
    if (!fs::exists(status)) {
      found.push_back({path, path.filename(), true,
                       unreadable(std::make_error_code(std::errc::no_such_file_or_directory))});
    } else if (fs::is_directory(status)) {
      find_in_folder(path, found);
    } else {
      found.push_back({path, path.filename(), true, {}});
    }
  }
  return found;
}

}  // namespace veilroute::app
