#include "async/strand_owner.hpp"

#include <boost/asio/query.hpp>

#include <mutex>

namespace echosocket::net {

class strand_owner::watch final : public asio::execution_context::service {
public:
    using key_type = watch;
    static inline asio::execution_context::id id;

    explicit watch(asio::execution_context& context) : service(context) {}

    [[nodiscard]] static watch& of(const asio::any_io_executor& executor) {
        return asio::use_service<watch>(asio::query(executor, asio::execution::context));
    }

    void add(strand_owner& who) {
        const std::lock_guard lock(mutex_);
        who.behind_ = first_;
        if (first_ != nullptr) first_->before_ = &who;
        first_ = &who;
    }

    void remove(strand_owner& who) {
        const std::lock_guard lock(mutex_);
        unlink(who);
    }

private:
    void unlink(strand_owner& who) noexcept {
        (who.before_ != nullptr ? who.before_->behind_ : first_) = who.behind_;
        if (who.behind_ != nullptr) who.behind_->before_ = who.before_;
        who.before_ = who.behind_ = nullptr;
    }

    // What one of them lets go may be the last that kept another, so the list is read anew for each.
    void shutdown() override {
        while (first_ != nullptr) {
            strand_owner& who = *first_;
            unlink(who);
            const auto last_use = who.executor_;
            who.plain_ = nullptr;
            who.executor_ = nullptr;
            who.context_goes();
        }
    }

    std::mutex mutex_;
    strand_owner* first_ = nullptr;
};

strand_owner::strand_owner(const asio::any_io_executor& base)
    : executor_(make_strand_beside(base)), plain_(as_plain_strand(executor_)) {
    watch::of(executor_).add(*this);
}

strand_owner::~strand_owner() {
    if (!context_has_gone()) watch::of(executor_).remove(*this);
}

}  // namespace echosocket::net
