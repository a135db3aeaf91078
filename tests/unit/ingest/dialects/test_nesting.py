from llm_analytics_hub.ingest.dialects.nesting import nest


def test_numbered_branches_are_lists_in_the_order_of_their_numbers() -> None:
    leaves = [
        (("messages", "10", "role"), "c"),
        (("messages", "2", "role"), "b"),
        (("messages", "0", "role"), "a"),
    ]
    assert nest(leaves) == {"messages": [{"role": "a"}, {"role": "b"}, {"role": "c"}]}


def test_a_leaf_in_the_way_of_a_branch_is_kept() -> None:
    one = nest([(("input",), "text"), (("input", "0"), "first")])
    other = nest([(("input", "0"), "first"), (("input",), "text")])
    assert one == other == {"input": {"": "text", "0": "first"}}


def test_a_value_that_is_itself_a_tree_stays_as_it_is() -> None:
    value = {"0": "zero", "1": "one"}
    assert nest([(("input",), value)]) == {"input": value}


def test_nothing_gives_nothing() -> None:
    assert nest([]) == {}
