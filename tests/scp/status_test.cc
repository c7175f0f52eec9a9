#include "scp/status.h"

#include <gtest/gtest.h>

namespace veilroute::scp {
namespace {

TEST(Status, EverySlugAndKindHasItsAnswer) {
  struct Case {
    ErrorKind kind;
    const char* slug;
    std::uint16_t status;
  };
  const Case cases[] = {
      {ErrorKind::invalid, "object.sop-class-invalid", 0xC000},
      {ErrorKind::invalid, "object.sop-instance-invalid", 0xC000},
      {ErrorKind::invalid, "object.no-data-set", 0xC000},
      {ErrorKind::invalid, "object.uid-unlike-command", 0xA900},
      {ErrorKind::refused, "object.study-uid-absent", 0x0122},
      {ErrorKind::refused, "object.class-not-admitted", 0x0122},
      {ErrorKind::refused, "object.class-unlike-context", 0x0122},
      {ErrorKind::exhausted, "spool.no-room", 0xA700},
      {ErrorKind::refused, "command.unrecognized", 0x0211},
      {ErrorKind::invalid, "some.slug", 0xC000},
      {ErrorKind::refused, "some.slug", 0x0124},
      {ErrorKind::unavailable, "some.slug", 0xA700},
      {ErrorKind::exhausted, "some.slug", 0xA700},
      {ErrorKind::corrupt, "some.slug", 0xC000},
      {ErrorKind::internal, "some.slug", 0x0110},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(dimse_status(make_error(one.kind, one.slug, "")), one.status) << one.slug;
  }
}

}  // namespace
}  // namespace veilroute::scp
