SELECT DISTINCT event_key FROM events WHERE tenant = {p0:String} AND event_key IN {p1:Array(UInt64)}
-- p0 = acme
-- p1 = [1,18446744073709551615]
