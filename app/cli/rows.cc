#include "app/cli/rows.h"

#include <cstdio>

#include "app/cli/reach.h"
#include "app/operations/pseudonyms.h"
#include "app/operations/run_pseudonyms.h"
#include "app/settings.h"
#include "core/base/crypto.h"
#include "core/base/keyring.h"

namespace veilroute::app::cli {
namespace {

Error wrong(const char* what) { return make_error(ErrorKind::invalid, "argument.missing", what); }

Result<std::shared_ptr<const profiles::Profile>> find_profile(const profiles::Library& library,
                                                              const std::string& name) {
  if (name.empty()) return std::shared_ptr<const profiles::Profile>();
  if (auto found = library.find(ProfileName{name})) return found;
  return make_error(ErrorKind::invalid, "profile.unknown",
                    "there is no profile of this name; `veilroute profile list` shows all");
}

Result<std::string> issuer_of(const config::Config& config, const std::string& source) {
  if (source.empty()) return std::string();
  for (const auto& each : config.sources) {
    if (each.name.value == source) return each.issuer;
  }
  return make_error(ErrorKind::invalid, "source.unknown",
                    "the configuration has no source of this name");
}

/// Rows of the site's catalog, asked from the node if one runs. The site is held no longer than
/// that.
PseudonymsFor rows_of_site(const std::filesystem::path& site, const Scope& scope) {
  return [site, scope](const std::vector<store::PseudonymSubject>& subjects)
             -> Result<std::vector<store::PseudonymRow>> {
    VR_TRY(const auto reach, Reach::open(site));
    std::vector<store::PseudonymRow> rows;
    for (const auto& subject : subjects) {
      VR_TRY(json answer, reach->ask("pseudonyms", pseudonym_arguments(subject, scope)));
      VR_TRY(store::PseudonymRow row, read_pseudonyms(answer));
      rows.push_back(std::move(row));
    }
    return rows;
  };
}

/// The run's secret: fresh, or kept in a file so that the run can be repeated.
Result<Secret> run_secret(const RowsWanted& wanted) {
  if (wanted.secret_file.empty()) return crypto::random_key();
  std::error_code unreadable;
  if (wanted.make_secret && !std::filesystem::exists(wanted.secret_file, unreadable)) {
    VR_TRY(create_master_key(wanted.secret_file));
    std::fprintf(
        stderr,
        "Made the secret file. Keep it as you keep the objects themselves: who has both it "
        "and a copy\ncan find out whose copy it is.\n");
  }
  return read_master_key({}, "file:" + wanted.secret_file.string());
}

Result<PseudonymsFor> rows_of_run(const RowsWanted& wanted) {
  if (wanted.secret_file.empty() && !wanted.make_secret) return PseudonymsFor();
  VR_TRY(Secret secret, run_secret(wanted));
  const auto run = std::make_shared<RunPseudonyms>(std::move(secret));
  return PseudonymsFor([run](const std::vector<store::PseudonymSubject>& subjects) {
    std::vector<store::PseudonymRow> rows;
    for (const auto& subject : subjects) rows.push_back(run->row(subject));
    return Result<std::vector<store::PseudonymRow>>(std::move(rows));
  });
}

}  // namespace

Result<ChosenRows> choose_rows(const Common& common, const std::string& profile,
                               const RowsWanted& wanted) {
  ChosenRows chosen;
  // $VEILROUTE_SITE does not count: whether a run can be linked to a site must be said aloud.
  if (!common.site_given) {
    if (wanted.scope != "site") return wrong("--scope needs --site");
    if (!wanted.source.empty()) return wrong("--source needs --site");
    VR_TRY(chosen.profile, find_profile(profiles::Library::shipped(), profile));
    VR_TRY(chosen.rows, rows_of_run(wanted));
    return chosen;
  }
  if (!wanted.secret_file.empty()) return wrong("--secret-file does not go with --site");
  VR_TRY(const Settings settings, require_settings(common.site, SystemClock().now()));
  VR_TRY(chosen.profile, find_profile(*settings.library, profile));
  VR_TRY(chosen.default_issuer, issuer_of(*settings.config, wanted.source));
  chosen.rows = rows_of_site(common.site, Scope{wanted.scope});
  return chosen;
}

}  // namespace veilroute::app::cli
