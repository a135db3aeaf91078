SELECT tenant, letter_id, received_at, source, door, code, message, payload, toDate32(expires_on) AS expires_on, subject FROM dead_letters WHERE tenant = {p0:String} AND source = {p1:String} AND door = {p2:String} AND code = {p3:String} AND position(message, {p4:String}) > 0 AND received_at >= {p5:DateTime64(6, 'UTC')} AND received_at < {p6:DateTime64(6, 'UTC')} AND received_at <= {p7:DateTime64(6, 'UTC')} AND (received_at < {p7:DateTime64(6, 'UTC')} OR received_at = {p7:DateTime64(6, 'UTC')} AND letter_id > {p8:String}) ORDER BY received_at DESC, letter_id LIMIT 5
-- p0 = acme
-- p1 = costops
-- p2 = events
-- p3 = late
-- p4 = ahead
-- p5 = 2025-11-01 00:02:00.000000
-- p6 = 2025-11-08 00:00:00.000000
-- p7 = 2025-11-08 00:00:00.000000
-- p8 = 7f
