// CsvTable: a recording as text, lines of values between commas under a heading that names them.
//
// Refuses what it does not know with a sentence that names file and line, as BadInput. Borrows the
// text; one owner.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nf::bench {

inline constexpr std::size_t kCsvColumnsMax = 32;
inline constexpr std::size_t kCsvFieldMax = 256;  // bytes of one value

class CsvTable {
 public:
  // `file` is what sentences call it; `wanted` the columns that have to be there.
  CsvTable(std::string file, std::string_view text, const std::vector<std::string_view>& wanted);

  bool next_line();                               // false: there is none
  std::string_view text(std::size_t want) const;  // of the column wanted[want]
  double number(std::size_t want) const;          // refuses what is no finite number
  std::uint32_t count(std::size_t want) const;    // refuses what is no whole number
  [[noreturn]] void refuse(const std::string& why) const;

 private:
  void split(std::string_view line);

  std::string file_;
  std::string_view rest_;
  std::vector<std::string_view> wanted_;
  std::vector<std::size_t> column_of_;  // by place in wanted_
  std::vector<std::string_view> fields_;
  std::size_t columns_ = 0;
  std::uint64_t line_ = 0;
};

}  // namespace nf::bench
