#include "bench/contenders/report.h"

#include <gtest/gtest.h>

namespace nf::bench {
namespace {

Series series(const std::string& name, Side side, std::vector<double> one,
              std::vector<double> four) {
  Series made;
  made.facts = {.name = name, .side = side};
  const auto sample = [](double rate) {
    return rate == 0 ? std::nullopt
                     : std::optional(LoadSample{.decoded_mbps = rate, .p99_us = 1e6 / rate});
  };
  for (const double rate : one) made.loads[0].push_back(sample(rate));
  for (const double rate : four) made.loads[1].push_back(sample(rate));
  return made;
}

const Figure* find(const std::vector<Figure>& figures, const std::string& name,
                   const std::string& reference) {
  for (const Figure& figure : figures) {
    if (figure.name == name && figure.reference_name == reference) return &figure;
  }
  return nullptr;
}

TEST(ContenderReport, has_a_row_for_each_peer_with_ours_of_the_same_rounds) {
  const std::vector<Series> all = {series(kOurName, Side::ours, {100, 200, 300}, {400, 400, 400}),
                                   series("zip", Side::compressed_peer, {10, 0, 30}, {40, 40, 40})};
  const std::vector<Figure> figures = figures_of(all);
  const Figure* row = find(figures, "nearfield LZ4: decoded, 1 requester", "zip");
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->ours, (std::vector<double>{100, 300}));
  EXPECT_EQ(row->reference, (std::vector<double>{10, 30}));
  EXPECT_EQ(row->unit, "MB/s");
  EXPECT_NE(find(figures, "nearfield LZ4: p99 of a container, 4 requesters", "zip"), nullptr);
}

TEST(ContenderReport, takes_the_best_compressed_peer_for_each_count_and_the_worse_ratio) {
  const std::vector<Series> all = {
      series(kOurName, Side::ours, {100, 100, 100}, {400, 400, 400}),
      series("raw", Side::peer, {1000, 1000, 1000}, {1000, 1000, 1000}),
      series("zip", Side::compressed_peer, {20, 20, 20}, {40, 40, 40}),
      series("image", Side::compressed_peer, {10, 10, 10}, {100, 100, 100})};
  EXPECT_EQ(best_compressed_peer(all, 0)->facts.name, "zip");
  EXPECT_EQ(best_compressed_peer(all, 1)->facts.name, "image");
  const std::map<std::string, double> headlines = headlines_of(all).values;
  EXPECT_DOUBLE_EQ(headlines.at("best_peer_ratio_1"), 5);
  EXPECT_DOUBLE_EQ(headlines.at("best_peer_ratio_4"), 4);
  EXPECT_DOUBLE_EQ(headlines.at("best_peer_ratio"), 4);
}

TEST(ContenderReport, says_of_each_headline_what_is_compared_with_what) {
  const std::vector<Series> all = {
      series(kOurName, Side::ours, {100}, {400}), series("raw", Side::peer, {1000}, {1000}),
      series("zip", Side::compressed_peer, {20}, {40}),
      series("image", Side::compressed_peer, {10}, {100})};
  const Headlines headlines = headlines_of(all);
  for (const auto& [name, value] : headlines.values) {
    const std::string& note = headlines.notes.at(name);
    EXPECT_NE(note.find("is better"), std::string::npos) << name << ": " << note;
  }
  const std::string& note = headlines.notes.at("best_peer_ratio");
  for (const char* part : {"compressed peer", "image", "4 requesters", "the worst of"}) {
    EXPECT_NE(note.find(part), std::string::npos) << note;
  }
}

TEST(ContenderReport, has_one_row_and_one_headline_for_who_asks_ahead) {
  std::vector<Series> all = {series(kOurName, Side::ours, {100, 100}, {400, 400}),
                             series("nearfield LZ4, 6 asked ahead", Side::ours, {300, 300}, {}),
                             series("stored raw, 6 asked ahead", Side::peer, {200, 200}, {})};
  all[1].facts.asked_ahead = all[2].facts.asked_ahead = 6;
  std::vector<std::string> names;
  for (const Figure& figure : figures_of(all)) {
    if (figure.name.find("decoded") != std::string::npos) names.push_back(figure.name);
  }
  EXPECT_EQ(names, std::vector<std::string>{"nearfield LZ4, 6 asked ahead: decoded"});
  const std::map<std::string, double> headlines = headlines_of(all).values;
  EXPECT_EQ(headlines.size(), 1u);
  EXPECT_DOUBLE_EQ(headlines.at("raw_ratio_lz4_ahead"), 1.5);
}

TEST(ContenderReport, claims_nothing_without_a_peer) {
  const std::vector<Series> all = {series(kOurName, Side::ours, {100}, {400})};
  EXPECT_TRUE(figures_of(all).empty());
  EXPECT_FALSE(headlines_of(all).values.contains("best_peer_ratio"));
}

}  // namespace
}  // namespace nf::bench
