// The schema's numbered steps.
#include "core/store/sqlite/migrations.h"

extern "C" {
extern const char veilroute_migration_0001_first[];
extern const char veilroute_migration_0001_first_end[];
extern const char veilroute_migration_0002_retention[];
extern const char veilroute_migration_0002_retention_end[];
extern const char veilroute_migration_0003_commitments[];
extern const char veilroute_migration_0003_commitments_end[];
extern const char veilroute_migration_0004_acceptances[];
extern const char veilroute_migration_0004_acceptances_end[];
extern const char veilroute_migration_0005_watch[];
extern const char veilroute_migration_0005_watch_end[];
extern const char veilroute_migration_0006_destinations[];
extern const char veilroute_migration_0006_destinations_end[];
}

namespace veilroute::store::sqlite {

namespace {

std::string_view embedded(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

Result<void> take_step(Connection& db, const Migration& step) {
  VR_TRY(db.script(step.sql));
  // A pragma takes no bound values. It is part of the transaction: step and number stand or fall
  // together.
  return db.script("PRAGMA user_version = " + std::to_string(step.number));
}

}  // namespace

std::span<const Migration> known_migrations() {
  static const Migration kSteps[] = {
      {1, embedded(veilroute_migration_0001_first, veilroute_migration_0001_first_end)},
      {2, embedded(veilroute_migration_0002_retention, veilroute_migration_0002_retention_end)},
      {3, embedded(veilroute_migration_0003_commitments, veilroute_migration_0003_commitments_end)},
      {4, embedded(veilroute_migration_0004_acceptances, veilroute_migration_0004_acceptances_end)},
      {5, embedded(veilroute_migration_0005_watch, veilroute_migration_0005_watch_end)},
      {6,
       embedded(veilroute_migration_0006_destinations, veilroute_migration_0006_destinations_end)},
  };
  return kSteps;
}

Result<void> migrate(Connection& db, std::span<const Migration> steps) {
  VR_TRY(const std::uint32_t taken, schema_version(db));
  if (taken > steps.size()) {
    return make_error(ErrorKind::refused, "catalog.too-new",
                      "the catalog has schema " + std::to_string(taken) +
                          ", written by a newer program; this one knows " +
                          std::to_string(steps.size()));
  }
  for (const Migration& step : steps.subspan(taken)) {
    VR_TRY(db.run("BEGIN IMMEDIATE"));
    Result<void> outcome = take_step(db, step);
    if (outcome.ok()) outcome = db.run("COMMIT");
    if (outcome.ok()) continue;
    if (db.in_transaction()) (void)db.run("ROLLBACK").ok();
    return outcome;
  }
  return {};
}

Result<void> check_pages(Connection& db) {
  VR_TRY(Statement row, db.prepare("PRAGMA quick_check(1)"));
  VR_TRY(const bool there, row.step());
  if (there && row.text(0) == "ok") return {};
  return make_error(ErrorKind::corrupt, "catalog.failed", "a page does not agree with the others");
}

Result<std::uint32_t> schema_version(Connection& db) {
  VR_TRY(Statement row, db.prepare("PRAGMA user_version"));
  VR_TRY(const bool there, row.step());
  return there ? row.u32(0) : 0U;
}

}  // namespace veilroute::store::sqlite
