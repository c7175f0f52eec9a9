// The shipped profiles and those of a site.
#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "core/base/files.h"
#include "profiles/profile.h"

extern "C" {
extern const char veilroute_profile_basic[];
extern const char veilroute_profile_basic_end[];
extern const char veilroute_profile_safe_harbor[];
extern const char veilroute_profile_safe_harbor_end[];
extern const char veilroute_profile_research[];
extern const char veilroute_profile_research_end[];
extern const char veilroute_profile_limited_data_set[];
extern const char veilroute_profile_limited_data_set_end[];
}

namespace veilroute::profiles {
namespace {

std::string_view compiled_in(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

std::array<std::string_view, 4> shipped_texts() {
  return {compiled_in(veilroute_profile_basic, veilroute_profile_basic_end),
          compiled_in(veilroute_profile_safe_harbor, veilroute_profile_safe_harbor_end),
          compiled_in(veilroute_profile_research, veilroute_profile_research_end),
          compiled_in(veilroute_profile_limited_data_set, veilroute_profile_limited_data_set_end)};
}

constexpr std::uint64_t kLargestProfileBytes = 1U << 20U;

std::shared_ptr<const Profile> find_in(const ProfileName& name, void* library) {
  return static_cast<const Library*>(library)->find(name);
}

ProfileProblem problem_of_file(const std::filesystem::path& path, std::string what,
                               std::string slug) {
  return {toml::Place{path.string(), 1, 1}, std::move(what), std::move(slug)};
}

std::vector<std::filesystem::path> profiles_in(const std::filesystem::path& folder,
                                               std::vector<ProfileProblem>& problems) {
  std::vector<std::filesystem::path> paths;
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) return paths;
  std::filesystem::directory_iterator entries(folder, error);
  if (error) {
    problems.push_back(problem_of_file(folder, "cannot be read", "profile.unreadable"));
    return paths;
  }
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".toml") && !name.ends_with(".cases.toml")) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

const Library& Library::shipped() {
  static const Library kShipped = [] {
    Library library;
    for (const std::string_view text : shipped_texts()) {
      ParsedProfile parsed = parse_profile(text, "shipped profile", nullptr, nullptr);
      if (parsed.profile == nullptr) die("a shipped profile is not valid");
      library.profiles_.emplace(parsed.profile->name.value, parsed.profile);
    }
    return library;
  }();
  return kShipped;
}

std::pair<Library, std::vector<ProfileProblem>> Library::load(const std::filesystem::path& folder) {
  Library library = shipped();
  std::vector<ProfileProblem> problems;
  // Parents first, whatever the files are called: a file whose parent is missing waits for the next
  // round, and what is left when nothing moves any more is reported.
  std::vector<std::filesystem::path> waiting = profiles_in(folder, problems);
  std::vector<ProfileProblem> unresolved;
  for (bool moved = true; moved && !waiting.empty();) {
    moved = false;
    unresolved.clear();
    std::vector<std::filesystem::path> next;
    for (const auto& path : waiting) {
      const Result<std::string> text = read_text_file(path, kLargestProfileBytes);
      if (!text) {
        problems.push_back(problem_of_file(path, "cannot be read", "profile.unreadable"));
        continue;
      }
      ParsedProfile parsed = parse_profile(*text, path.string(), find_in, &library);
      const bool waits = std::any_of(parsed.problems.begin(), parsed.problems.end(),
                                     [](auto& p) { return p.slug == "profile.unknown-parent"; });
      if (waits) {
        next.push_back(path);
        unresolved.insert(unresolved.end(), parsed.problems.begin(), parsed.problems.end());
      } else if (parsed.profile == nullptr) {
        problems.insert(problems.end(), parsed.problems.begin(), parsed.problems.end());
      } else if (!library.profiles_.emplace(parsed.profile->name.value, parsed.profile).second) {
        problems.push_back(problem_of_file(
            path, "a profile named \"" + parsed.profile->name.value + "\" exists already",
            "profile.name-taken"));
      } else {
        moved = true;
      }
    }
    waiting = std::move(next);
  }
  problems.insert(problems.end(), unresolved.begin(), unresolved.end());
  return {std::move(library), std::move(problems)};
}

std::shared_ptr<const Profile> Library::find(const ProfileName& name) const {
  const auto found = profiles_.find(name.value);
  return found == profiles_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<const Profile>> Library::all() const {
  std::vector<std::shared_ptr<const Profile>> profiles;
  for (const auto& [name, profile] : profiles_) profiles.push_back(profile);
  return profiles;
}

}  // namespace veilroute::profiles
