SELECT tenant, letter_id, received_at, source, door, code, message, payload, toDate32(expires_on) AS expires_on, subject FROM dead_letters WHERE tenant = {p0:String} AND letter_id IN {p1:Array(String)} ORDER BY received_at DESC, letter_id LIMIT 5
-- p0 = acme
-- p1 = ['a','b']
