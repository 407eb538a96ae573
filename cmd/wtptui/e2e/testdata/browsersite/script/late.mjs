export default 'late'
