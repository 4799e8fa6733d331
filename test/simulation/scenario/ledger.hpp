// What has to be true of calls, whatever happens to connections: who began what, what ran, and what came of it.
#pragma once

#include <echosocket/result.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace echosocket::simulated {

/// Knows both ends, which nobody in the scenario does.
class ledger {
public:
    /// The first rule that was broken.
    [[nodiscard]] const std::optional<std::string>& complaint() const noexcept { return complaint_; }
    void broken(std::string what);
    void demand(bool holds, const std::string& otherwise) {
        if (!holds) broken(otherwise);
    }

    /// Something with one outcome begins; returns a number that nothing else has.
    [[nodiscard]] std::uint64_t begin(std::string what);
    /// Its outcome has come. A failure must be one that faults can bring about.
    void end(std::uint64_t number, const std::optional<failure>& why);
    /// What has had no outcome yet.
    [[nodiscard]] std::string unfinished() const;

    /// The task of a call without a key runs.
    void runs(std::uint64_t number);
    /// A call with a key takes effect at a server; returns the result that stands for it.
    [[nodiscard]] std::uint64_t takes_effect(std::uint64_t server, const std::string& key);
    /// Its caller was told of success.
    void hears_of_effect(const std::string& key, std::uint64_t result);

    struct totals {
        std::uint64_t begun = 0;
        std::uint64_t succeeded = 0;
        std::map<std::string, std::uint64_t> failed;  ///< By error.
        std::uint64_t effects = 0;
        std::uint64_t items = 0;
        std::uint64_t notifications = 0;
    };
    totals counted;

private:
    std::optional<std::string> complaint_;
    std::uint64_t last_number_ = 0;
    std::map<std::uint64_t, std::string> begun_;
    std::set<std::uint64_t> ran_;
    std::set<std::pair<std::uint64_t, std::string>> took_effect_;
    std::set<std::pair<std::string, std::uint64_t>> results_;
};

}  // namespace echosocket::simulated
