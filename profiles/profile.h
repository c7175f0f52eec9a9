// Profile: ordered rules that say what happens to each attribute (PS3.15 Annex E); has a version.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/base/toml.h"
#include "core/dicom/dictionary.h"
#include "profiles/options.h"
#include "profiles/rules.h"

namespace veilroute::profiles {

/// Immutable; any thread.
struct Profile {
  ProfileName name;
  std::string description;
  std::vector<std::string> bases;       ///< legal bases this profile is strict enough for
  bool deidentifies = true;             ///< false: identified-treatment, necessity only
  Options options;
  std::set<std::string> allowed;        ///< kinds of objects that are else refused: "raw-data"
  Rules rules;                          ///< its own, then its parent's: the first that matches
  std::string text;        ///< canonical: this and its parents; parse it again to get the same
  ProfileVersion version;  ///< digest of text, standard tables, engine version
};

/// The legal bases a profile may be strict enough for, and a route may claim. "de-identified" is safe
/// harbor (45 CFR 164.514(b)(2)), "expert-determination" 164.514(b)(1).
std::span<const std::string_view> legal_bases();

/// True for a profile that claims the basis "de-identified". Its `keep` rules then let nothing pass
/// that the tables would not: the value is still judged by its shape.
bool claims_deidentified(const Profile& profile);

/// What Longitudinal Temporal Information Modified (0028,0303) has to say of a profile's copies
/// (PS3.15 E.3.6): "REMOVED", "MODIFIED" or "UNMODIFIED".
std::string_view longitudinal_word(const Profile& profile);

struct ProfileProblem {
  toml::Place place;
  std::string what;
  std::string slug;
};

/// Parses one profile. `find_parent` resolves `extends`. All problems are listed.
struct ParsedProfile {
  std::shared_ptr<const Profile> profile;  ///< null when there are problems
  std::vector<ProfileProblem> problems;
};
using FindParent = std::shared_ptr<const Profile> (*)(const ProfileName&, void* context);
/// `file` is for the places of problems; `find_parent` may be null: then `extends` is a problem.
ParsedProfile parse_profile(std::string_view text, const std::string& file, FindParent find_parent,
                            void* context);

/// The shipped profiles (compiled in from library/) and those of a site's profiles/ folder.
class Library {
 public:
  /// Shipped only.
  static const Library& shipped();
  /// Shipped and the site's; a site may not redefine a shipped name.
  static std::pair<Library, std::vector<ProfileProblem>> load(const std::filesystem::path& folder);
  [[nodiscard]] std::shared_ptr<const Profile> find(const ProfileName& name) const;
  [[nodiscard]] std::vector<std::shared_ptr<const Profile>> all() const;

 private:
  std::map<std::string, std::shared_ptr<const Profile>> profiles_;
};

/// A pinned profile from its canonical text (TransferPlan::profile_text). `refused` when the
/// version no longer comes out the same (another engine or table): the transfer is then blocked.
Result<std::shared_ptr<const Profile>> reopen_profile(std::string_view canonical_text,
                                                      const ProfileVersion& expected);

/// "PS3.15 2026d" and the engine's version: part of every profile's version.
std::string_view standard_edition();
std::string_view engine_version();

}  // namespace veilroute::profiles
