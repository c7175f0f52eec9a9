// Notations made from the day: nothing is parsed in the copy.
#include "profiles/date_notations.h"

#include <array>
#include <set>

#include "profiles/text_finds.h"

namespace veilroute::profiles {
namespace {

/// Names and abbreviations, comparable: without accents, in capitals.
constexpr std::array<std::string_view, 12> kMonths{
    "JANUARY JANUAR JANNER JAENNER JANVIER ENERO GENNAIO JAN JANV ENE GEN",
    "FEBRUARY FEBRUAR FEVRIER FEBRERO FEBBRAIO FEB FEV FEVR",
    "MARCH MARZ MAERZ MARS MARZO MAR MRZ",
    "APRIL AVRIL ABRIL APRILE APR AVR ABR",
    "MAY MAI MAYO MAGGIO MAG",
    "JUNE JUNI JUIN JUNIO GIUGNO JUN GIU",
    "JULY JULI JUILLET JULIO LUGLIO JUL JUIL LUG",
    "AUGUST AOUT AGOSTO AUG AGO",
    "SEPTEMBER SEPTEMBRE SEPTIEMBRE SETIEMBRE SETTEMBRE SEP SEPT SET",
    "OCTOBER OKTOBER OCTOBRE OCTUBRE OTTOBRE OCT OKT OTT",
    "NOVEMBER NOVEMBRE NOVIEMBRE NOV",
    "DECEMBER DEZEMBER DECEMBRE DICIEMBRE DICEMBRE DEC DEZ DIC",
};

class Notations {
 public:
  explicit Notations(std::string_view day)
      : year_(day.substr(0, 4)),
        short_year_(day.substr(2, 2)),
        month_(day.substr(4, 2)),
        day_(day.substr(6, 2)) {}

  [[nodiscard]] bool is_a_day() const {
    return month_ >= "01" && month_ <= "12" && day_ >= "01" && day_ <= "31";
  }

  std::vector<DateNotation> all() {
    numeric();
    const std::size_t month = std::stoul(month_) - 1;
    for (const std::string_view name : tokens_in(kMonths[month])) named(std::string(name));
    const std::string month_number = unpadded(month_);
    const std::string day_number = unpadded(day_);
    add(year_ + "\u5E74" + month_number + "\u6708" + day_number + "\u65E5");
    add(year_ + "\u5E74" + month_ + "\u6708" + day_ + "\u65E5");
    add(year_ + "\uB144 " + month_number + "\uC6D4 " + day_number + "\uC77C");
    add(year_ + "\uB144 " + month_ + "\uC6D4 " + day_ + "\uC77C");
    return std::move(all_);
  }

 private:
  static std::string unpadded(const std::string& number) {
    return number[0] == '0' ? number.substr(1) : number;
  }

  [[nodiscard]] std::string english_ordinal() const {
    const bool teen = day_[0] == '1';
    const char* suffix = teen               ? "TH"
                         : day_[1] == '1' ? "ST"
                         : day_[1] == '2' ? "ND"
                         : day_[1] == '3' ? "RD"
                                          : "TH";
    return unpadded(day_) + suffix;
  }

  void add(std::string text, bool is_short = false) {
    if (known_.insert(text).second) all_.push_back({std::move(text), is_short});
  }

  void numeric() {
    const std::array<std::pair<std::string, std::string>, 2> kWays{
        {{day_, month_}, {unpadded(day_), unpadded(month_)}}};
    for (const auto& [day, month] : kWays) {
      for (const char* mark : {"-", "/", ".", ":", " "}) {
        add(year_ + mark + month + mark + day);
        for (const auto& [first, second] : {std::pair(day, month), std::pair(month, day)}) {
          add(first + mark + second + mark + year_);
          if (*mark != ':' && *mark != ' ') add(first + mark + second + mark + short_year_, true);
        }
      }
      // As people write it: "3. 2. 1961".
      add(day + ". " + month + ". " + year_);
    }
    add(day_ + month_ + year_);
    add(month_ + day_ + year_);
    for (const char* mark : {"-", "/", "."}) add(short_year_ + mark + month_ + mark + day_, true);
    add(short_year_ + month_ + day_, true);
    add(day_ + month_ + short_year_, true);
  }

  void named(const std::string& name) {
    for (const std::string& day : {day_, unpadded(day_)}) {
      for (const char* mark : {" ", "-", "", ".", "/", ". ", " DE "}) {
        add(day + mark + name + (mark == std::string_view(". ") ? " " : mark) + year_);
      }
      for (const char* mark : {" ", "-", "", "/"}) {
        add(day + mark + name + mark + short_year_, true);
        add(year_ + mark + name + mark + day);
      }
      add(day + ". " + name + ". " + year_);
      add(day + " " + name + ". " + year_);
      add(day + " " + name + ", " + year_);
      add(name + " " + day + ", " + year_);
      add(name + " " + day + " " + year_);
      add(name + ". " + day + ", " + year_);
    }
    const std::string ordinal = english_ordinal();
    add(name + " " + ordinal + ", " + year_);
    add(ordinal + " " + name + " " + year_);
    add(ordinal + " OF " + name + " " + year_);
    if (day_ == "01") add("1ER " + name + " " + year_);
  }

  std::string year_;
  std::string short_year_;
  std::string month_;
  std::string day_;
  std::set<std::string> known_;
  std::vector<DateNotation> all_;
};

}  // namespace

std::vector<DateNotation> notations_of(std::string_view day) {
  constexpr std::size_t kDateDigits = 8;
  if (day.size() != kDateDigits || !is_all_digits(day)) return {};
  Notations notations(day);
  return notations.is_a_day() ? notations.all() : std::vector<DateNotation>{};
}

}  // namespace veilroute::profiles
