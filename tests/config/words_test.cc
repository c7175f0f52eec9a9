// Single values: one row a case.
#include "config/words.h"

#include <gtest/gtest.h>

#include <optional>

namespace veilroute::config {
namespace {

TEST(Words, ReadDurations) {
  using namespace std::chrono_literals;
  const struct {
    const char* text;
    std::optional<Duration> duration;
  } cases[] = {
      {"250ms", 250ms},
      {"30s", 30s},
      {"15min", 15min},
      {"2h", 2h},
      {"7d", 168h},
      {"0s", 0s},
      {"3660d", 3660 * 24h},
      {"3661d", std::nullopt},
      {"99999999999999999999s", std::nullopt},
      {"18446744073709551615h", std::nullopt},
      {"", std::nullopt},
      {"s", std::nullopt},
      {"30", std::nullopt},
      {"30 s", std::nullopt},
      {" 30s", std::nullopt},
      {"30S", std::nullopt},
      {"-30s", std::nullopt},
      {"+30s", std::nullopt},
      {"1.5h", std::nullopt},
      {"1h30min", std::nullopt},
      {"30m", std::nullopt},
  };
  for (const auto& one : cases) EXPECT_EQ(parse_duration(one.text), one.duration) << one.text;
}

TEST(Words, ReadSizes) {
  const struct {
    const char* text;
    std::optional<std::uint64_t> bytes;
  } cases[] = {
      {"1000B", 1000},
      {"64kB", 64'000},
      {"3MB", 3'000'000},
      {"2GB", 2'000'000'000},
      {"1TB", 1'000'000'000'000},
      {"1KiB", 1024},
      {"512MiB", 536'870'912},
      {"4GiB", 4'294'967'296},
      {"1TiB", 1'099'511'627'776},
      {"1048576TiB", 1ULL << 60U},
      {"1048577TiB", std::nullopt},
      {"18446744073709551615TiB", std::nullopt},
      {"512", std::nullopt},
      {"512mb", std::nullopt},
      {"512KB", std::nullopt},
      {"0.5GiB", std::nullopt},
      {"MiB", std::nullopt},
      {"", std::nullopt},
  };
  for (const auto& one : cases) EXPECT_EQ(parse_size(one.text), one.bytes) << one.text;
}

TEST(Words, ReadEndpoints) {
  const struct {
    const char* text;
    const char* host;  ///< null: not an endpoint
    std::uint16_t port;
  } cases[] = {
      {"0.0.0.0:11112", "0.0.0.0", 11112},
      {"[::]:11112", "::", 11112},
      {"[fd00::1]:0", "fd00::1", 0},
      {"127.0.0.1:65535", "127.0.0.1", 65535},
      {"localhost:104", nullptr, 0},
      {"pacs.example:104", nullptr, 0},
      {"127.0.0.1:65536", nullptr, 0},
      {"127.0.0.1:", nullptr, 0},
      {"127.0.0.1", nullptr, 0},
      {":104", nullptr, 0},
      {"::1:104", nullptr, 0},
      {"[localhost]:104", nullptr, 0},
      {"[]:104", nullptr, 0},
      {"10.20.0.256:104", nullptr, 0},
      {"127.0.0.1:-1", nullptr, 0},
      {"127.0.0.1:1e3", nullptr, 0},
      {"", nullptr, 0},
  };
  for (const auto& one : cases) {
    const auto endpoint = parse_endpoint(one.text);
    ASSERT_EQ(endpoint.has_value(), one.host != nullptr) << one.text;
    if (!endpoint) continue;
    EXPECT_EQ(endpoint->host, one.host);
    EXPECT_EQ(endpoint->port, one.port);
  }
}

TEST(Words, TellHosts) {
  for (const std::string host :
       {"pacs.bone.example", "pacs", "10.20.1.5", "::1", "fd00::1", "x-ray.example", "1and1.example",
        "::ffff:10.0.0.1"}) {
    EXPECT_TRUE(is_host(host)) << host;
  }
  for (const std::string& host :
       {std::string(""), std::string("10.20.0.256"), std::string("10.20"), std::string("-x.example"),
        std::string("x-.example"), std::string("a..b"), std::string(".a"), std::string("a."),
        std::string("a b"), std::string("a_b"), std::string("[::1]"), std::string("h\xC3\xB6st"),
        std::string(64, 'a'), std::string(254, 'a')}) {
    EXPECT_FALSE(is_host(host)) << host;
  }
  EXPECT_TRUE(is_host(std::string(63, 'a') + ".example"));
}

TEST(Words, TellThisMachineFromOthers) {
  for (const char* host : {"localhost", "127.0.0.1", "127.255.1.2", "::1", "::ffff:127.0.0.1",
                           "0:0:0:0:0:0:0:1"}) {
    EXPECT_TRUE(is_loopback(host)) << host;
  }
  for (const char* host : {"", "0.0.0.0", "::", "128.0.0.1", "10.0.0.1", "::2", "localhost.example",
                           "127.0.0.1.example", "127.example", "127.0.0", "127.0.0.1.2", "127.0.0.256",
                           "127.0.0.1x", "0127.0.0.1", "127...1", "127.0.0.", "127.0.0.0/8x"}) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
  EXPECT_TRUE(is_any_address("0.0.0.0"));
  EXPECT_TRUE(is_any_address("::"));
  EXPECT_FALSE(is_any_address("127.0.0.1"));
}

TEST(Words, TellNames) {
  for (const std::string& name : {std::string("a"), std::string("er-xray"), std::string("CT_1.b"),
                                  std::string("1"), std::string(64, 'x')}) {
    EXPECT_TRUE(is_name(name)) << name;
  }
  for (const std::string& name :
       {std::string(""), std::string("-a"), std::string(".a"), std::string("_a"), std::string("a b"),
        std::string("a/b"), std::string("a\n"), std::string("\xC3\xA4"), std::string(65, 'x')}) {
    EXPECT_FALSE(is_name(name)) << name;
  }
}

TEST(Words, TellAeTitles) {
  for (const char* title : {"A", "ER_CR1", "16_CHARACTERS_XX", "WITH SPACE", "a+b=c!"}) {
    EXPECT_TRUE(is_ae_title(title)) << title;
  }
  for (const char* title :
       {"", " A", "A ", "17_CHARACTERS_XXX", "A\\B", "A\tB", "\xC3\x84", "A\x7F"}) {
    EXPECT_FALSE(is_ae_title(title)) << title;
  }
}

TEST(Words, ReadNetworks) {
  for (const char* text : {"10.20.0.0/16", "10.20.1.5", "0.0.0.0/0", "fd00::/8", "::/0", "2001:db8::1",
                           "10.20.1.5/32", "::1/128", "::ffff:10.0.0.0"}) {
    EXPECT_TRUE(parse_network(text)) << text;
  }
  for (const char* text : {"", "/", "10.20.0.1/16", "10.20.0.0/33", "10.20.0.0/", "10.20.0.0/-1",
                           "fd00::1/8", "::/129", "10.20", "localhost", "10.20.0.0/1x", "1.2.3.4/99999999999"}) {
    EXPECT_FALSE(parse_network(text)) << text;
  }
}

TEST(Words, TellWhetherNetworksOverlap) {
  const struct {
    const char* a;
    const char* b;
    bool contains;
    bool overlap;
  } cases[] = {
      {"10.20.0.0/16", "10.20.1.5", true, true},
      {"10.20.1.5", "10.20.0.0/16", false, true},
      {"10.20.0.0/16", "10.21.0.0/16", false, false},
      {"0.0.0.0/0", "192.168.1.1", true, true},
      {"::/0", "fd00::/8", true, true},
      {"::/0", "10.0.0.1", false, false},
      {"::ffff:10.20.1.5", "10.20.1.5", true, true},
      {"10.20.0.0/17", "10.20.128.0/17", false, false},
      {"10.20.1.5", "10.20.1.5", true, true},
  };
  for (const auto& one : cases) {
    const Network a = parse_network(one.a).value();
    const Network b = parse_network(one.b).value();
    EXPECT_EQ(contains(a, b), one.contains) << one.a << " " << one.b;
    EXPECT_EQ(overlap(a, b), one.overlap) << one.a << " " << one.b;
    EXPECT_EQ(overlap(b, a), one.overlap) << one.a << " " << one.b;
  }
}

TEST(Words, ReadDatesThatExist) {
  using namespace std::chrono;
  EXPECT_EQ(parse_date("2027-03-31"), year(2027) / 3 / 31);
  EXPECT_EQ(parse_date("2028-02-29"), year(2028) / 2 / 29);
  for (const char* text : {"", "2027-02-29", "2027-13-01", "2027-00-10", "2027-3-31", "27-03-31",
                           "2027/03/31", "2027-03-31 ", "-027-03-31", "2027-+3-31"}) {
    EXPECT_FALSE(parse_date(text)) << text;
  }
}

}  // namespace
}  // namespace veilroute::config
