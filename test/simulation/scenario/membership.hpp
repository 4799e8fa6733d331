// What a member of a group has to be told: every number from its join to its leave, once, in order.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <tuple>

namespace echosocket::simulated {

class ledger;

/// One connection, as its server knows it. Servers are numbered over all that there ever were.
struct connection_name {
    std::uint64_t server = 0;
    std::uint64_t peer = 0;

    friend auto operator<=>(const connection_name&, const connection_name&) = default;
};

class membership_book {
public:
    explicit membership_book(ledger& kept) noexcept : ledger_(kept) {}

    /// A connection becomes a member after notification number `last` of that topic.
    void joined(const connection_name& who, const std::string& topic, std::uint64_t last);
    /// It is none any more: `last` is the last one that it has to get.
    void left(const connection_name& who, const std::string& topic, std::uint64_t last);
    void received(const connection_name& who, const std::string& topic, std::uint64_t number);
    /// Of a connection that is still there once all is quiet, and a topic whose last number is that. Only who has
    /// unsubscribed may be no member without having told.
    void check_complete(const connection_name& who, const std::string& topic, std::uint64_t last, bool is_member) const;

private:
    struct membership {
        std::uint64_t next;
        bool is_over = false;
        std::optional<std::uint64_t> last{};  ///< If it is over, and if somebody has said when.
    };
    [[nodiscard]] static std::string describe(const connection_name& who, const std::string& topic);

    ledger& ledger_;
    std::map<std::tuple<connection_name, std::string>, std::deque<membership>> all_;
};

}  // namespace echosocket::simulated
